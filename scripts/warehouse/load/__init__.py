"""Loading: exports and database tables land in the raw lake as Parquet, whole or not at all.

- `files`: which files a path means, and which raw table each belongs to
- `readers`: how a file is read: delimiter, encoding, header, and why it cannot be
- `databases`: how a table of PostgreSQL, MySQL or MariaDB is read
- `columns`: the verdict on an export, its columns and values against the contract
- `contract_types`: whether a value is what the contract says, by the same SQL as staging
- `batches`: writing a batch beside the lake and making it a part of it in one step
- `shown`: what the terminal shows of it
"""
