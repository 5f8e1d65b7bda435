// Draws the pages of the report from the data files beside them. No library but Vega, and nothing from the network.
(() => {
  'use strict'
  const warehouse = (window.warehouse = {
    tables: {}, shelves: {}, site: null, words: null, specs: {}, cards: null,
  })
  const W = warehouse
  const store = {}
  // data files call these
  W.put = (name, table) => { store[name] = decode(table) }
  W.shelf = (kind, number, content) => { W.shelves[kind + number] = content }
  const receive = (key) => Object.defineProperty(W, key, { writable: true, value: (value) => { received[key] = value } })
  const received = {}
  for (const key of ['site', 'words', 'charts', 'cards']) receive(key)

  const $ = (selector, root = document) => root.querySelector(selector)
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)]

  function decode(table) {
    const names = Object.keys(table.columns)
    const columns = names.map((name) => {
      const column = table.columns[name]
      return Array.isArray(column) ? column : column.of.map((i) => (i < 0 ? null : column.texts[i]))
    })
    const rows = Array.from({ length: table.rows }, (_, i) => {
      const row = {}
      names.forEach((name, c) => { row[name] = columns[c][i] })
      return row
    })
    return { names, rows, totals: table.totals || [], all: table.all || 0 }
  }

  // an element with attributes and children; texts are texts, never HTML
  function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue
      if (name === 'class') node.className = value
      else if (name.startsWith('on')) node.addEventListener(name.slice(2), value)
      else node.setAttribute(name, value === true ? '' : value)
    }
    for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child)
    return node
  }

  // --- words and numbers
  let words, site
  const say = (key, values = {}) =>
    (words.messages[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '')
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '')
  const formats = {}
  function number(value, options) {
    const key = JSON.stringify(options)
    formats[key] ??= new Intl.NumberFormat(words.locale, options)
    return formats[key].format(value)
  }
  const TIME = { days: 'day', hours: 'hour', seconds: 'second', months: 'month' }

  // value in a unit of the metrics; `short` for axes
  function show(value, unit, short = false) {
    if (value === null || value === undefined || value === '') return '–'
    if (typeof value === 'number' && !Number.isFinite(value)) return '–'
    const size = Math.abs(value)
    switch (unit) {
      case 'currency':
        return number(value, short || size >= 1e6
          ? { style: 'currency', currency: site.currency, notation: 'compact', maximumSignificantDigits: short ? 3 : 4 }
          : { style: 'currency', currency: site.currency, maximumFractionDigits: size < 100 && size % 1 ? 2 : 0, minimumFractionDigits: size < 100 && size % 1 ? 2 : 0 })
      case 'exact_currency':
        return number(value, { style: 'currency', currency: site.currency, minimumFractionDigits: 2, maximumFractionDigits: 2 })
      case 'change_currency':
        return (value > 0 ? '+' : '') + show(value, 'currency', short)
      case 'currency_per_day':
        return short ? show(value, 'currency', true) : say('per_day', { amount: show(value, 'currency') })
      case 'rate':
        return number(value, { style: 'percent', maximumFractionDigits: short ? (size < 0.1 ? 1 : 0) : 1 })
      case 'change_rate':
        return number(value, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' })
      case 'effect':
        return number(value - 1, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' })
      case 'days': case 'hours': case 'seconds': case 'months':
        return number(value, { style: 'unit', unit: TIME[unit], unitDisplay: short || unit === 'hours' || unit === 'seconds' ? 'short' : 'long', maximumFractionDigits: size < 10 ? 1 : 0 })
      case 'ratio':
        return number(value, { maximumFractionDigits: 2 })
      case 'index': case 'score':
        return number(value, { maximumFractionDigits: size < 10 ? 2 : 1 })
      case 'count':
        return number(value, short || size >= 1e6 ? { notation: 'compact', maximumSignificantDigits: 3 } : { maximumFractionDigits: size < 100 ? 1 : 0 })
      case 'flag': return value ? say('yes') : say('no')
      case 'code': return nameOf(value)
      case 'reason': return reason(value)
      case 'date': return day(value)
      case 'key': return String(value).replace(/^[^:]*:/, '')
      default: return typeof value === 'number' ? number(value, { maximumFractionDigits: 2 }) : String(value)
    }
  }
  const NUMERIC = new Set(['currency', 'exact_currency', 'change_currency', 'rate', 'change_rate', 'effect', 'days', 'hours', 'seconds', 'months', 'ratio', 'index', 'score', 'count', 'currency_per_day'])

  const dates = {}
  function dated(text, options) {
    const key = JSON.stringify(options)
    dates[key] ??= new Intl.DateTimeFormat(words.locale, { ...options, timeZone: 'UTC' })
    return dates[key].format(new Date(text.length === 7 ? text + '-01T00:00:00Z' : text.slice(0, 10) + 'T00:00:00Z'))
  }
  const month = (text) => dated(text, { month: 'long', year: 'numeric' })
  const day = (text) => dated(text, { day: 'numeric', month: 'short', year: 'numeric' })
  const shortMonth = (text) => (text.endsWith('-01') ? dated(text, { year: 'numeric' }) : dated(text, { month: 'short' }))
  const tipMonth = (text) => dated(text, { month: 'short', year: 'numeric' })

  // a code of the warehouse, a country, a rep or catalog by its key, or the company's own word
  function nameOf(code, column) {
    if (code === null || code === undefined || code === '') return say('no_value')
    const text = String(code)
    if (column === 'rep' || column === 'catalog') return site.names[column][text] ?? words.codes[text] ?? show(text, 'key')
    if (column === 'country') return words.countries[text] ?? words.codes[text] ?? text
    if (column === 'month' || column === 'cohort') return tipMonth(text)
    if (words.codes[text] !== undefined) return words.codes[text]
    if (/^[A-Z]{2}$/.test(text) && words.countries[text]) return words.countries[text]
    if (site.names.rep[text] || site.names.catalog[text]) return site.names.rep[text] ?? site.names.catalog[text]
    return /^[a-z0-9]+(_[a-z0-9]+)+$/.test(text) ? text.replaceAll('_', ' ') : text
  }

  function reason(text) {
    const one = (part) => {
      const numbers = []
      const key = part.replace(/\d+(?:[.-]\d+)*/g, (found) => { numbers.push(found); return '#' })
      const named = words.reasons[key]
      if (named === undefined) return null
      return named.replace(/#/g, () => {
        const found = numbers.shift()
        return /^\d{4}-/.test(found) ? day(found) : number(Number(found), { maximumFractionDigits: 2 })
      })
    }
    return one(text) ?? text.split(', ').map((part) => one(part) ?? part).join(', ')
  }

  // --- what is chosen: in the address, so that a view can be sent
  let state = {}
  function readState() {
    const read = Object.fromEntries(new URLSearchParams(location.hash.slice(1)))
    const months = site.months.map(([name]) => name)
    const complete = site.months.filter(([, done]) => done).map(([name]) => name)
    const last = complete.at(-1) ?? months.at(-1) ?? ''
    state = { ...read, month: months.includes(read.month) ? read.month : last, span: ['1', '3', '12', 'all'].includes(read.span) ? read.span : '1' }
    state.standard = { month: last, span: '1' }
  }
  function address(changes = {}) {
    const next = { ...state, ...changes }
    const kept = new URLSearchParams()
    for (const [name, value] of Object.entries(next)) {
      if (name === 'standard' || name === 'at' || !value || value === state.standard[name]) continue
      kept.set(name, value)
    }
    const text = kept.toString()
    return text ? '#' + text : '#'
  }
  const carried = (page, changes = {}) => {
    const only = { month: state.month, span: state.span, segment: state.segment, country: state.country, rep: state.rep, catalog: state.catalog }
    const previous = state
    state = { ...only, standard: previous.standard }
    const text = address(changes)
    state = previous
    return page + (text === '#' ? '' : text)
  }
  function choose(changes) {
    history.replaceState(null, '', address(changes))
    readState()
    draw()
  }

  const monthList = () => site.months.map(([name]) => name)
  function windowOf(span = state.span, end = state.month) {
    const months = monthList()
    const last = months.indexOf(end)
    if (last < 0) return []
    const length = span === 'all' ? last + 1 : Number(span)
    return months.slice(Math.max(0, last - length + 1), last + 1)
  }
  function before(months, distance = months.length) {
    const all = monthList()
    const from = all.indexOf(months[0]) - distance
    return months.length && from >= 0 ? all.slice(from, from + months.length) : []
  }
  function periodName(months) {
    if (!months.length) return say('all_time')
    if (months.length === 1) return month(months[0])
    return `${tipMonth(months[0])} – ${tipMonth(months.at(-1))}`
  }
  const periodOf = (measure, months) =>
    measure.at === 'as_of' ? (site.as_of ? say('as_of', { day: day(site.as_of) }) : say('all_time')) : periodName(measure.at === 'end' ? months.slice(-1) : months)

  // --- choosing and adding up rows
  function filtersOn(page) {
    const filters = {}
    for (const name of site.filters) if (state[name] && (page.filters.includes(name) || page.pin === name)) filters[name] = state[name]
    return filters
  }
  function chosen(name, page, where = {}) {
    const table = store[name]
    if (!table) return { rows: [], ignored: [] }
    const filters = filtersOn(page)
    const ignored = []
    const tests = []
    for (const filter of site.filters) {
      const isThere = table.names.includes(filter)
      if (table.totals.includes(filter)) tests.push([filter, filters[filter] ?? 'all'])
      else if (filters[filter] && isThere) tests.push([filter, filters[filter]])
      if (filters[filter] && !isThere) ignored.push(filter)
    }
    tests.push(...Object.entries(where ?? {}))
    const rows = table.rows.filter((row) => tests.every(([column, value]) => row[column] === value))
    return { rows, ignored }
  }

  const sum = (rows, columns) => columns.reduce((total, column) => total + rows.reduce((part, row) => part + (row[column] ?? 0), 0), 0)
  function value(measure, rows) {
    if (measure.count) return rows.length
    const plus = measure.plus ?? []
    if (!rows.length && (measure.over || measure.at === 'end')) return null
    // what cannot be added stands in one row; where that is empty, there is no value
    if (plus.length === 1 && rows.length && rows.every((row) => row[plus[0]] === null || row[plus[0]] === undefined)) return null
    const top = sum(rows, plus) - sum(rows, measure.minus ?? [])
    if (!measure.over) return top
    const bottom = sum(rows, measure.over) - sum(rows, measure.over_minus ?? [])
    return bottom ? top / bottom : null
  }
  const cases = (measure, rows) => (measure.over && measure.unit === 'rate' && !measure.minus ? sum(rows, measure.over) : null)

  function byMonth(rows) {
    const groups = new Map()
    for (const row of rows) {
      if (!groups.has(row.month)) groups.set(row.month, [])
      groups.get(row.month).push(row)
    }
    return groups
  }
  const inMonths = (rows, months) => { const set = new Set(months); return rows.filter((row) => set.has(row.month)) }

  // a month is complete when every row of the dataset says so; one without rows, when it is over
  const completeness = {}
  function isComplete(name, months) {
    const table = store[name]
    if (!table?.names.includes('complete')) return months.every((m) => site.months.find(([n]) => n === m)?.[1])
    completeness[name] ??= table.rows.reduce((found, row) => found.set(row.month, (found.get(row.month) ?? true) && row.complete), new Map())
    return months.length > 0 && months.every((m) => completeness[name].get(m) ?? site.months.find(([n]) => n === m)?.[1] ?? false)
  }

  function reading(measure, page, months = windowOf()) {
    const { rows, ignored } = chosen(measure.dataset, page, measure.where)
    if (measure.at === 'as_of') return { value: value(measure, rows), ignored, months: [], complete: true, rows }
    const window = measure.at === 'end' ? months.slice(-1) : months
    const earlier = before(window)
    const yearBefore = before(window, 12)
    const of = (list) => (list.length === window.length && list.length ? value(measure, inMonths(rows, list)) : null)
    const complete = isComplete(measure.dataset, window)
    const comparable = complete && isComplete(measure.dataset, earlier) && earlier.length > 0
    // surveys are not sent every month: they are compared with the last month that has answers
    let then = earlier
    if (measure.sparse && window.length === 1) {
      const asked = new Set(rows.filter((row) => row.month < window[0]).map((row) => row.month))
      then = [[...asked].sort().findLast((m) => isComplete(measure.dataset, [m]))].filter(Boolean)
    }
    return {
      value: of(window),
      previous: comparable || (measure.sparse && complete) ? of(then) : null,
      yearBefore: complete && yearBefore.length && isComplete(measure.dataset, yearBefore) ? of(yearBefore) : null,
      ignored, months: window, earlier: then, complete,
      cases: cases(measure, inMonths(rows, window)),
      rows: inMonths(rows, window),
      all: rows,
    }
  }

  function change(now, then, unit) {
    if (now === null || then === null || then === undefined) return null
    const amount = now - then
    const relative = then ? amount / Math.abs(then) : null
    const trend = relative === null ? '' : Math.abs(relative) < site.threshold ? '→' : relative > 0 ? '↑' : '↓'
    const isShare = unit === 'rate'
    const text = isShare
      ? number(amount * 100, { maximumFractionDigits: 1, signDisplay: 'exceptZero' }) + ' ' + say('points')
      : relative === null ? (amount > 0 ? '+' : '') + show(amount, unit) : number(relative, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' })
    const bare = isShare
      ? number(Math.abs(amount) * 100, { maximumFractionDigits: 1 }) + ' ' + say('points')
      : relative === null ? show(Math.abs(amount), unit) : number(Math.abs(relative), { style: 'percent', maximumFractionDigits: 1 })
    return { amount, relative, trend, text, bare }
  }
  function verdict(trend, direction) {
    if (!trend || trend === '→' || direction === 'none') return ''
    return (trend === '↑') === (direction === 'up') ? 'better' : 'worse'
  }

  // --- parts of a page
  const cardLink = (metric) => (metric ? el('a', { class: 'quiet', href: 'metrics.html#card=' + metric, title: say('see_card') }, say('see_card')) : null)
  function rowsLink(measure) {
    if (measure.page) return el('a', { class: 'quiet', href: linkTo(measure.page), onclick: jump }, say('see_rows'))
    const lists = (measure.rows ?? []).filter((name) => site.row_months[name] && Object.keys(site.row_months[name]).length)
    return lists.length ? el('a', { class: 'quiet', href: carried('rows.html', { list: lists.join('.'), ...(measure.at === 'end' ? { span: '1' } : {}) }) }, say('see_rows')) : null
  }
  function linkTo(page) {
    const [file, hash] = page.split('#')
    return carried(file, Object.fromEntries(new URLSearchParams(hash))) + (hash?.startsWith('at=') ? (carried(file) === file ? '#' : '&') + hash : '')
  }
  function jump(event) {
    const target = new URL(event.currentTarget.href)
    if (target.pathname !== location.pathname) return
    event.preventDefault()
    scrollToWidget(new URLSearchParams(target.hash.slice(1)).get('at'))
  }
  function scrollToWidget(name) {
    const target = name && document.getElementById(name)
    if (target) { target.scrollIntoView(); target.focus({ preventScroll: true }) }
  }
  const badge = (ignored) => (ignored.length ? el('p', { class: 'note' }, say('not_by', { list: [...new Set(ignored)].map((name) => say('filter_' + name)).join(', ') })) : null)

  function sparkline(points, label) {
    const known = points.filter((p) => p.y !== null)
    if (known.length < 2) return el('div', { class: 'spark' })
    const [w, h] = [120, 30]
    const ys = known.map((p) => p.y)
    const [low, high] = [Math.min(...ys), Math.max(...ys)]
    const x = (i) => (i / (points.length - 1)) * (w - 6) + 3
    const y = (v) => (high === low ? h / 2 : h - 4 - ((v - low) / (high - low)) * (h - 8))
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    svg.setAttribute('viewBox', `0 0 ${w} ${h}`)
    svg.setAttribute('preserveAspectRatio', 'none')
    svg.setAttribute('aria-hidden', 'true')
    let path = '', pen = 'M'
    points.forEach((p, i) => {
      if (p.y === null) { if (known.length * 2 > points.length) pen = 'M'; return }
      path += `${pen}${x(i).toFixed(1)},${y(p.y).toFixed(1)}`
      pen = 'L'
    })
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'path')
    line.setAttribute('d', path)
    line.setAttribute('class', 'line')
    const at = points.findLastIndex((p) => p.y !== null)
    svg.append(line)
    // apart from the stretched line, so that it stays round
    const dot = el('span', { class: 'dot', style: `left:${((x(at) / w) * 100).toFixed(1)}%;top:${((y(points[at].y) / h) * 100).toFixed(1)}%` })
    return el('div', { class: 'spark', title: label || null }, svg, dot)
  }

  function drawTiles(widget, page, host) {
    const months = windowOf()
    const without = []
    const tiles = []
    for (const measure of widget.measures) {
      const whole = store[measure.dataset]
      const hasData = whole?.rows.some((row) => (measure.plus ?? []).length === 0 || measure.plus.some((column) => row[column])) || measure.count
      if (!whole || (!whole.rows.length && !measure.count) || !hasData) { without.push(measure.label); continue }
      const found = reading(measure, page, months)
      const step = change(found.value, found.previous, measure.unit)
      const year = change(found.value, found.yearBefore, measure.unit)
      const good = verdict(step?.trend, measure.direction)
      const trail = measure.at === 'as_of' ? [] : windowOf('all').slice(-13)
      const groups = measure.at === 'as_of' ? null : byMonth(found.all)
      const points = trail.map((m) => ({ x: m, y: value(measure, groups.get(m) ?? []) }))
      const target = targetOf(measure, page, found)
      tiles.push(el('div', { class: 'tile', 'data-measure': measure.name },
        el('h3', {}, measure.metric ? el('a', { href: 'metrics.html#card=' + measure.metric, title: measure.meaning }, measure.label) : measure.label),
        el('p', { class: 'value', 'data-value': found.value ?? '', 'data-measure': measure.name }, show(found.value, measure.unit)),
        el('p', { class: 'change ' + good },
          step ? [el('span', { class: 'arrow', 'aria-hidden': 'true' }, step.trend || '·'), ' ' + step.text, good ? el('span', { class: 'sr' }, ' ' + say(good)) : null,
            el('span', { class: 'than' }, ' ' + say('against', { period: found.earlier.length === 1 ? tipMonth(found.earlier[0]) : periodName(found.earlier) }))]
            : el('span', { class: 'than' }, found.complete ? periodOf(measure, months) : say('incomplete') + ', ' + periodName(found.months))),
        year ? el('p', { class: 'year' }, say('on_the_year', { change: year.text })) : el('p', { class: 'year' }),
        points.length ? sparkline(points, measure.label) : el('div', { class: 'spark' }),
        target ? el('p', { class: 'target ' + (target.met ? 'met' : 'missed') },
          el('span', { class: 'bar', 'aria-hidden': 'true' }, el('span', { style: `width:${Math.min(100, Math.max(0, target.rate * 100)).toFixed(0)}%` })),
          el('span', {}, say('attained', { rate: show(target.rate, 'rate', true), value: show(target.value, measure.unit) }))) : null,
        found.cases !== null && found.cases > 0 && found.cases < site.few ? el('p', { class: 'note' }, say('few_cases', { count: show(found.cases, 'count') })) : null,
        badge(found.ignored),
        el('p', { class: 'links' }, rowsLink(measure))))
    }
    host.replaceChildren(el('div', { class: 'tiles' }, tiles),
      ...(without.length ? [el('p', { class: 'note without' }, say('without_data', { list: without.join(', ') }))] : []))
  }

  // targets are those of the whole company, of whole months; of a rate over several months there is none
  function targetOf(measure, page, found) {
    if (!measure.target || Object.keys(filtersOn(page)).length || !found.complete || found.value === null || !found.months.length) return null
    const targets = found.months.map((m) => store.board?.rows.find((row) => row.metric === measure.target && row.month === m)?.target)
    if (targets.some((t) => t === null || t === undefined) || (measure.over && targets.length > 1)) return null
    const total = targets.reduce((a, b) => a + b, 0)
    if (total <= 0) return null
    const up = measure.direction !== 'down'
    if (!up && found.value === 0) return { value: total, rate: 1, met: true }
    return { value: total, rate: up ? found.value / total : total / found.value, met: up ? found.value >= total : found.value <= total }
  }

  // --- charts: rows for Vega, and a title from the same rows
  function chartRows(widget, page) {
    const months = windowOf()
    const kind = widget.kind
    const ignored = new Set()
    const measures = widget.measures
    const gather = (measure, where) => {
      const found = chosen(measure.dataset, page, { ...measure.where, ...where })
      found.ignored.forEach((name) => ignored.add(name))
      return found.rows
    }
    if (kind === 'trend' || kind === 'columns' || kind === 'shares') return { ...timeRows(widget, page, gather), ignored: [...ignored] }
    if (kind === 'waterfall') return { ...bridgeRows(widget, gather, months), ignored: [...ignored] }
    if (kind === 'heatmap') return { ...heatRows(widget, gather), ignored: [...ignored] }
    if (kind === 'scatter') return { ...scatterRows(widget, gather), ignored: [...ignored] }
    return { ...memberRows(widget, page, gather, months), ignored: [...ignored] }
  }

  function trail(widget) {
    const all = windowOf('all')
    // what is not over yet belongs into a trend when nothing later is asked for
    const unfinished = state.month === state.standard.month ? monthList().slice(all.length, all.length + 1) : []
    return [...all.slice(-(widget.months ?? 25)), ...unfinished]
  }

  function timeRows(widget, page, gather) {
    // the first months of a company are part of one, or of the twelve that a figure needs
    let list = trail(widget)
    const whole = list.findIndex((x) => widget.measures.some((measure) => isComplete(measure.dataset, [x])))
    list = list.slice(Math.max(0, whole))
    const rows = []
    const orders = new Map()
    for (const [m, measure] of widget.measures.entries()) {
      const found = gather(measure)
      const members = widget.series ? memberOrder(found, widget, measure, list) : [null]
      for (const [s, member] of members.entries()) {
        const isRest = member === '…'
        const known = new Set(members)
        const own = widget.series ? found.filter((row) => (isRest ? !known.has(row[widget.series]) : row[widget.series] === member)) : found
        const groups = byMonth(own)
        const series = member === null ? measure.label : isRest ? say('others') : seriesName(widget, member)
        orders.set(series, s + m)
        for (const x of list) {
          const y = value(measure, groups.get(x) ?? [])
          if (y === null || (widget.series && y === 0 && !groups.has(x))) continue
          rows.push({ x, y, series, series_order: s + m, partial: !isComplete(measure.dataset, [x]), unit: measure.unit,
            tip: `${month(x)}\n${series}: ${show(y, measure.unit)}` })
        }
      }
    }
    if (widget.target && !Object.keys(filtersOn(page)).length) {
      const unit = widget.measures[0].unit
      for (const row of store.board?.rows ?? []) {
        if (row.metric === widget.target && row.target !== null && list.includes(row.month)) {
          rows.push({ x: row.month, y: row.target, series: say('target_series'), series_order: 9, is_target: true, unit, tip: '' })
        }
      }
    }
    return { rows, unit: widget.measures[0].unit }
  }

  const seriesName = (widget, member) =>
    widget.extra?.series_unit && member !== 'unknown' ? show(Number(member), widget.extra.series_unit) : nameOf(member, widget.series)

  // members by size, or by their own order; beyond `top`, one for all others
  function memberOrder(rows, widget, measure, months) {
    const groups = groupBy(months ? inMonths(rows, months) : rows, widget.series || widget.by)
    const members = [...groups.keys()].filter((member) => member !== null)
    if (widget.order) {
      const place = new Map(rows.map((row) => [row[widget.series || widget.by], row[widget.order]]))
      members.sort((a, b) => (place.get(a) ?? 1e9) - (place.get(b) ?? 1e9) || String(a).localeCompare(String(b)))
    } else members.sort((a, b) => (value(measure, groups.get(b)) ?? -Infinity) - (value(measure, groups.get(a)) ?? -Infinity) || String(a).localeCompare(String(b)))
    const top = Math.min(widget.top ?? 8, 8)
    return members.length > top ? [...members.slice(0, top - 1), '…'] : members
  }

  function groupBy(rows, column) {
    const groups = new Map()
    for (const row of rows) {
      if (!groups.has(row[column])) groups.set(row[column], [])
      groups.get(row[column]).push(row)
    }
    return groups
  }

  function memberRows(widget, page, gather, months) {
    const first = widget.measures[0]
    const unit = first.unit
    const window = first.at === 'as_of' ? [] : first.at === 'end' ? months.slice(-1) : months
    const inWindow = (rows, list) => (first.at === 'as_of' ? rows : inMonths(rows, list))
    // several measures without members: one bar each, such as the steps of a funnel
    if (!widget.by) {
      const rows = widget.measures.map((measure, i) => {
        const y = value(measure, inMonths(gather(measure), window))
        return { label: measure.label, y, order: i, text: show(y, unit) }
      }).filter((row) => row.y !== null)
      return { rows: steps(widget, rows, unit), unit, window }
    }
    const by = choiceOf(widget)
    const other = (widget.choices ?? []).find(([column]) => column === by)?.[2]
    const source = other ? { ...first, dataset: other } : first
    const found = gather(source)
    const earlier = before(window)
    const now = groupBy(inWindow(found, window), by)
    const then = groupBy(!earlier.length || !isComplete(source.dataset, earlier) || !isComplete(source.dataset, window) ? [] : inMonths(found, earlier), by)
    const isChange = widget.extra?.change
    let rows = []
    if (widget.kind === 'grouped') {
      const series = widget.series
      const members = [...now.keys()].filter((key) => key !== null)
      for (const member of members) {
        const own = now.get(member)
        const parts = series ? [...groupBy(own, series)].map(([key, part]) => [nameOf(key, series), value(first, part), key])
          : widget.measures.map((measure) => [measure.label, value(measure, own), measure.name])
        parts.forEach(([name, y, key], i) => {
          if (y === null) return
          rows.push({ label: nameOf(member, by), member, y, series: name, series_order: i, size: widget.order ? 0 : y, key, tip: `${nameOf(member, by)}\n${name}: ${show(y, unit)}` })
        })
      }
      const biggest = new Map()
      rows.forEach((row) => biggest.set(row.member, Math.max(biggest.get(row.member) ?? -Infinity, row.y)))
      const ranked = [...biggest.keys()].sort((a, b) => biggest.get(b) - biggest.get(a)).slice(0, widget.top ?? 8)
      rows = rows.filter((row) => ranked.includes(row.member)).map((row) => ({ ...row, order: ranked.indexOf(row.member) }))
      const names = [...new Set(rows.map((row) => row.series))].sort()
      if (series) rows.forEach((row) => { row.series_order = names.indexOf(row.series) })
      return { rows, unit, window, by }
    }
    const keys = isChange ? new Set([...now.keys(), ...then.keys()]) : new Set(now.keys())
    for (const key of keys) {
      if (key === null) continue
      const own = now.get(key) ?? []
      const y = value(source, own)
      const was = then.size ? value(source, then.get(key) ?? []) : null
      const changed = isChange ? (then.size ? (y ?? 0) - (was ?? 0) : null) : y
      if (changed === null || (isChange && changed === 0)) continue
      rows.push({ key, label: widget.extra?.label ? say(widget.extra.label, { n: key }) : nameOf(key, by), y: changed, was, before: isChange || first.at === 'as_of' ? null : was,
        place: widget.order ? own[0]?.[widget.order] : null, n: cases(source, own) })
    }
    if (!widget.order && !source.over && !isChange) rows = rows.filter((row) => row.y !== 0 || row.before)
    const size = (row) => (isChange ? Math.abs(row.y) : row.y)
    if (widget.order) rows.sort((a, b) => (a.place > b.place ? 1 : a.place < b.place ? -1 : 0))
    else rows.sort((a, b) => size(b) - size(a) || a.label.localeCompare(b.label))
    const top = widget.top ?? 8
    if (rows.length > top) {
      const rest = rows.slice(top - 1)
      rows = rows.slice(0, source.over || isChange ? top : top - 1)
      if (!source.over && !isChange) rows.push({ key: '…', label: say('others'), y: rest.reduce((t, r) => t + r.y, 0), before: rest.every((r) => r.before === null) ? null : rest.reduce((t, r) => t + (r.before ?? 0), 0), muted: true })
    }
    const shownUnit = isChange ? 'change_currency' : unit
    rows.forEach((row, i) => {
      row.order = i
      row.text = show(row.y, shownUnit, true)
      row.muted ||= isChange && row.y < 0
      row.tip = `${row.label}\n${show(row.y, shownUnit)}` + (row.before !== null && row.before !== undefined ? `\n${say('before')}: ${show(row.before, unit)}` : '') + (row.n && row.n < site.few ? `\n${say('few_cases', { count: show(row.n, 'count') })}` : '')
    })
    return { rows: widget.extra?.steps ? steps(widget, rows, unit) : rows, unit: shownUnit, window, earlier, by }
  }

  // a funnel: each step with what is left of the first
  function steps(widget, rows, unit) {
    if (!widget.extra?.steps || !rows.length) return rows
    const first = rows[0].y
    return rows.map((row, i) => {
      const share = first ? row.y / first : null
      return { ...row, before: null, share, drop: i && rows[i - 1].y ? 1 - row.y / rows[i - 1].y : null, text: `${show(row.y, unit, true)} · ${show(share, 'rate', true)}`, tip: `${row.label}\n${show(row.y, unit)}\n${show(share, 'rate')}` }
    })
  }

  function bridgeRows(widget, gather, months) {
    const last = months.slice(-1)
    const [start, fresh, back, more, less, gone, end] = widget.measures.map((measure) => value(measure, inMonths(gather(measure), last)))
    if (end === null || start === null) return { rows: [], unit: 'currency', window: last }
    const parts = [[start, 'total'], [fresh, 'gain'], [back, 'gain'], [more, 'gain'], [-less, 'loss'], [-gone, 'loss'], [end, 'total']]
    let level = 0
    const rows = parts.map(([amount, kind], i) => {
      const from = kind === 'total' ? 0 : level
      const to = kind === 'total' ? amount : level + amount
      level = to
      return { label: widget.measures[i].label, from, y: to, top: Math.max(from, to), kind, order: i, amount,
        text: (kind === 'gain' && amount > 0 ? '+' : '') + show(amount, 'count', true), tip: `${widget.measures[i].label}\n${show(amount, 'currency')}` }
    })
    return { rows, unit: 'currency', window: last, gains: fresh + back + more, losses: less + gone }
  }

  function heatRows(widget, gather) {
    const measure = widget.measures[0]
    const found = gather(measure)
    const rows = []
    for (const own of groupBy(found.map((row) => ({ ...row, cell: row[widget.by] + '|' + row[widget.x] })), 'cell').values()) {
      const y = value(measure, own)
      if (y === null) continue
      const [label, x] = [own[0][widget.by], own[0][widget.x]]
      if (widget.x === 'months_since' && x === 0) continue
      const name = nameOf(label, widget.by)
      rows.push({ key: label, label: name, order: label, x: typeof x === 'string' ? nameOf(x) : x, x_order: own[0][widget.extra?.x_order ?? widget.x], y, n: measure.over ? sum(own, measure.over) : null,
        tip: `${name} · ${typeof x === 'string' ? nameOf(x) : '+' + x}\n${measure.label}: ${show(y, measure.unit)} (${show(sum(own, measure.over), 'count')})` })
    }
    return { rows, unit: measure.unit, window: [] }
  }

  function scatterRows(widget, gather) {
    const [across, up] = widget.measures
    const rows = gather(across).slice(0, widget.top ?? 400)
      .filter((row) => row[across.plus[0]] !== null && row[up.plus[0]] !== null)
      .map((row) => ({ x: row[across.plus[0]], y: row[up.plus[0]], size: Math.max(0, row[across.plus[0]]), label: row[widget.by], series: nameOf(row[widget.series]), series_order: nameOf(row[widget.series]),
        tip: `${row[widget.by]}\n${across.label}: ${show(row[across.plus[0]], across.unit)}\n${up.label}: ${show(row[up.plus[0]], up.unit)}` }))
    return { rows, unit: up.unit, unitX: across.unit, window: [] }
  }

  const choiceOf = (widget) => (widget.choices ? state['by_' + widget.name] && widget.choices.some(([c]) => c === state['by_' + widget.name]) ? state['by_' + widget.name] : widget.by : widget.by)

  function titleOf(widget, data, page) {
    const first = widget.measures[0]
    const label = widget.about || first.label
    if (!data.rows.length) return say('no_figures', { label })
    const period = data.window?.length ? periodName(data.window) : periodOf(first, windowOf())
    if (widget.kind === 'trend' && widget.say === 'trend') {
      const found = reading(first, page)
      if (found.value === null) return say('no_figures', { label })
      const name = periodName(found.months)
      const shown = show(found.value, first.unit)
      if (!found.complete) return say('so_far', { label, value: shown, period: name })
      const step = change(found.value, found.previous, first.unit)
      if (!step) return say('was', { label, value: shown, period: name })
      const key = step.trend === '→' ? 'held' : step.amount > 0 ? 'rose' : step.amount < 0 ? 'fell' : 'held'
      return say(key, { label, change: step.bare, value: shown, period: name })
    }
    if (widget.say === 'pair') {
      const found = widget.measures.map((measure) => [measure, reading(measure, page)])
      const parts = found.filter(([, r]) => r.value !== null).map(([measure, r]) => say('part', { name: measure.label, value: show(r.value, measure.unit) }))
      if (!parts.length) return say('no_figures', { label })
      return say('pair', { label, period: periodName(found[0][1].months), parts: new Intl.ListFormat(words.locale, { type: 'conjunction' }).format(parts) })
    }
    if (widget.say === 'bridge') return say('bridge', { period, gains: show(data.gains, 'currency'), losses: show(data.losses, 'currency') })
    if (widget.say === 'funnel') {
      const last = data.rows.at(-1)
      const worst = data.rows.slice(1).reduce((a, b) => ((b.drop ?? 0) > (a?.drop ?? -1) ? b : a), null)
      return say('funnel', { label, period, rate: show(last.share, 'rate'), step: worst?.label ?? '', drop: show(worst?.drop, 'rate') })
    }
    if (widget.say === 'movers') {
      const most = data.rows[0]
      return say('movers', { label, period, member: most.label, change: show(most.y, 'change_currency'), before: periodName(data.earlier) })
    }
    if (widget.say === 'cohorts') {
      const found = store[first.dataset]
      const rows = chosen(first.dataset, page).rows
      const at = (n) => value(first, rows.filter((row) => row.months_since === n))
      const far = Math.min(12, Math.max(...rows.map((row) => row.months_since)))
      if (!found || !rows.length || far < 1) return say('no_figures', { label })
      return say('cohorts', { cohort: month(rows.map((row) => row.cohort).sort()[0]), rate: show(at(1), 'rate'), later: show(at(far), 'rate'), months: show(far, 'months') })
    }
    if (widget.say === 'scatter') {
      const ys = data.rows.map((row) => row.y).sort((a, b) => a - b)
      return say('scatter', { label, count: show(ys.length, 'count'), value: show(ys[Math.floor(ys.length / 2)], data.unit) })
    }
    const named = data.rows.filter((row) => row.key !== '…')
    if (widget.kind === 'columns' || widget.kind === 'shares' || (widget.kind === 'grouped' && widget.say === 'top')) {
      const months = first.at === 'end' ? windowOf().slice(-1) : windowOf()
      const column = widget.series && widget.kind !== 'grouped' ? widget.series : widget.by
      const groups = groupBy(inMonths(chosen(first.dataset, page, { ...first.where, ...(widget.extra?.of ? { model: 'last' } : {}) }).rows, months), column)
      const sizes = [...groups].map(([key, own]) => [key, value(first, own)]).filter(([key, v]) => key !== null && v !== null).sort((a, b) => b[1] - a[1])
      if (!sizes.length || !sizes[0][1]) return say('no_figures', { label })
      const whole = sizes.reduce((t, [, v]) => t + v, 0)
      return say('top_share', { label, period: periodName(months), member: column === widget.series ? seriesName(widget, sizes[0][0]) : nameOf(sizes[0][0], column), value: show(sizes[0][1], first.unit), share: show(sizes[0][1] / whole, 'rate') })
    }
    if (widget.say === 'top') {
      const most = named.reduce((a, b) => (b.y > a.y ? b : a), named[0])
      const whole = data.rows.reduce((t, row) => t + row.y, 0)
      if (data.rows.every((row) => row.y >= 0) && whole > 0) return say('top_share', { label, period, member: most.label, value: show(most.y, data.unit), share: show(most.y / whole, 'rate') })
      return say('top', { label, period, member: most.label, value: show(most.y, data.unit) })
    }
    const place = (row) => (row.x !== undefined ? `${row.label}, ${row.x}` : row.series ? `${row.label}, ${row.series}` : row.label)
    const high = named.reduce((a, b) => (b.y > a.y ? b : a), named[0])
    const low = named.reduce((a, b) => (b.y < a.y ? b : a), named[0])
    if (high === low) return say('single', { label, period, value: show(high.y, data.unit), member: place(high) })
    return say('ends', { label, period, low: show(low.y, data.unit), low_member: place(low), high: show(high.y, data.unit), high_member: place(high) })
  }

  function drawChart(widget, page, host) {
    const data = chartRows(widget, page)
    const first = widget.measures[0]
    // one bar of what is not known says nothing
    const isUnknown = widget.kind === 'bars' && widget.by && data.rows.length && data.rows.every((row) => ['unknown', 'none'].includes(row.key))
    if (isUnknown) data.rows = []
    const title = isUnknown ? widget.about || first.label : titleOf(widget, data, page)
    const open = host.querySelector('details')?.open
    const picker = widget.choices ? el('label', { class: 'picker' }, say('by') + ' ', el('select', { onchange: (event) => choose({ ['by_' + widget.name]: event.target.value === widget.by ? '' : event.target.value }) },
      widget.choices.map(([column, label]) => el('option', { value: column, selected: column === choiceOf(widget) }, label)))) : null
    const area = el('div', { class: 'plot', role: 'img', 'aria-label': title })
    const measured = [...new Map(widget.measures.filter((measure) => measure.metric).map((measure) => [measure.metric, measure])).values()]
    host.replaceChildren(
      el('div', { class: 'card-head' }, el('h3', {}, title), picker),
      badge(data.ignored) ?? '',
      data.rows.length ? area : el('p', { class: 'empty' }, say(isUnknown ? 'not_known' : 'no_rows')),
      data.rows.some((row) => row.before !== null && row.before !== undefined && widget.kind === 'bars') ? el('p', { class: 'key' }, el('span', { class: 'ghost', 'aria-hidden': 'true' }), periodName(data.earlier)) : '',
      data.rows.length ? el('details', { open, class: 'as-table' }, el('summary', {}, say('as_table')), el('div')) : '',
      el('p', { class: 'links' }, rowsLink(first), ...measured.map((measure) => el('a', { class: 'quiet', href: 'metrics.html#card=' + measure.metric }, measure.label))))
    if (!data.rows.length) return
    const details = host.querySelector('details')
    const fillTable = () => { if (details.open) details.lastChild.replaceChildren(chartTable(widget, data)) }
    details.addEventListener('toggle', fillTable)
    if (open) fillTable()
    plotted.push({ area, widget, data })
    area.style.minHeight = heightOf(widget, data) + (widget.kind === 'bars' ? 0 : 50) + 'px'
    watch(area, () => plot(area, widget, data))
  }

  // of the plot alone; axis and legend come on top
  function heightOf(widget, data) {
    const labels = new Set(data.rows.map((row) => row.label)).size
    if (widget.kind === 'bars') return labels * 30
    if (widget.kind === 'grouped') return labels * Math.max(26, 12 * new Set(data.rows.map((row) => row.series)).size + 8)
    if (widget.kind === 'heatmap') return labels * (labels < 8 ? 34 : 18)
    return widget.kind === 'scatter' ? 300 : 240
  }

  // the same rows as a table, for readers who cannot use the picture
  function chartTable(widget, data) {
    const unit = data.unit
    const isTime = ['trend', 'columns', 'shares'].includes(widget.kind)
    let columns, rows
    if (isTime) {
      const series = [...new Map(data.rows.map((row) => [row.series, row.series_order])).keys()]
      const unitOf = new Map(data.rows.map((row) => [row.series, row.unit]))
      columns = [{ field: 'x', label: say('month'), unit: 'month' }, ...series.map((name, i) => ({ field: 's' + i, label: name, unit: unitOf.get(name) ?? unit }))]
      rows = [...groupBy(data.rows, 'x')].map(([x, own]) => Object.fromEntries([['x', x], ...series.map((name, i) => ['s' + i, own.find((row) => row.series === name)?.y ?? null])]))
    } else if (widget.kind === 'scatter') {
      columns = [{ field: 'label', label: say('member') }, { field: 'series', label: 'ABC' }, { field: 'x', label: widget.measures[0].label, unit: data.unitX }, { field: 'y', label: widget.measures[1].label, unit }]
      rows = data.rows
    } else {
      columns = [{ field: 'label', label: say('member') }]
      if (data.rows.some((row) => row.x !== undefined)) columns.push({ field: 'x', label: '' })
      if (data.rows.some((row) => row.series)) columns.push({ field: 'series', label: '' })
      columns.push({ field: widget.kind === 'waterfall' ? 'amount' : 'y', label: say('value'), unit })
      if (data.rows.some((row) => row.share !== undefined)) columns.push({ field: 'share', label: '%', unit: 'rate' })
      if (data.rows.some((row) => row.before !== null && row.before !== undefined)) columns.push({ field: 'before', label: say('before'), unit })
      if (data.rows.some((row) => row.n)) columns.push({ field: 'n', label: 'n', unit: 'count' })
      rows = data.rows
    }
    return table({ name: widget.name + '_table', columns, rows, size: 30, plain: true })
  }

  // --- Vega, fetched when the first chart comes into view
  let vegaLoading
  function vega() {
    vegaLoading ??= Promise.all([script('assets/' + site.vega), script('assets/charts.js')]).then(() => {
      W.specs = received.charts
    })
    return vegaLoading
  }
  const scripts = {}
  function script(path) {
    scripts[path] ??= new Promise((resolve, reject) => {
      document.head.append(el('script', { src: '../' + path, onload: () => resolve(), onerror: () => reject(new Error(path)) }))
    })
    return scripts[path]
  }

  let plotted = []
  const watched = new Map()
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue
      observer.unobserve(entry.target)
      watched.get(entry.target)?.()
      watched.delete(entry.target)
    }
  }, { rootMargin: '300px' })
  function watch(area, run) {
    watched.set(area, run)
    observer.observe(area)
  }

  function colours() {
    const style = getComputedStyle(document.documentElement)
    const get = (name) => style.getPropertyValue('--' + name).trim()
    return { ink: get('ink'), soft: get('soft'), line: get('line'), paper: get('card'), accent: get('accent'), muted: get('muted'), ghost: get('ghost'), loss: get('loss'), heat_low: get('heat-low'), heat_high: get('heat-high'), series: get('series').split(/\s+/) }
  }

  async function plot(area, widget, data) {
    await vega()
    if (!area.isConnected) return
    const c = colours()
    let text = JSON.stringify(W.specs[widget.kind])
    for (const name of ['ink', 'paper', 'accent', 'muted', 'ghost', 'loss', 'heat_low', 'heat_high']) text = text.replaceAll('"$' + name + '"', JSON.stringify(c[name]))
    text = text.replaceAll('"$unit_x"', JSON.stringify(data.unitX ?? '')).replaceAll('"$unit"', JSON.stringify(data.unit))
    const spec = JSON.parse(text)
    const narrow = area.clientWidth < 460
    const several = new Set(data.rows.map((row) => row.series)).size > 1
    const longest = Math.max(0, ...data.rows.map((row) => String(row.text ?? '').length))
    if (data.unit === 'count') for (const layer of spec.layer ?? [spec]) for (const axis of [layer.encoding.x?.axis, layer.encoding.y?.axis]) if (axis?.format === 'count') axis.tickMinStep = 1
    // sums are seen from zero; of rates, the change is
    if (widget.kind === 'trend') for (const layer of spec.layer) layer.encoding.y.scale.zero = ['currency', 'count'].includes(data.unit)
    if (widget.kind === 'bars') {
      const low = Math.min(0, ...data.rows.map((row) => row.y))
      const high = Math.max(0, ...data.rows.flatMap((row) => [row.y, row.before ?? 0]))
      // a label stands right of both bars, of now and of the period before
      const names = Math.min(narrow ? 104 : 170, 7 * Math.max(...data.rows.map((row) => row.label.length)))
      const width = Math.max(90, area.clientWidth - names - 20)
      const gap = (high - low) * Math.min(1, (longest * 7.5 + 8) / Math.max(40, width - longest * 7.5 - 8))
      data.rows.forEach((row) => { row.edge = Math.max(row.y, row.before ?? row.y, 0) })
      for (const layer of spec.layer) layer.encoding.x.scale = { domain: [low, (high || 1) + gap], nice: false }
    }
    if (!several) for (const layer of spec.layer ?? [spec]) if (layer.encoding.color?.field === 'series') layer.encoding.color.legend = null
    spec.height = heightOf(widget, data)
    // the name of the picture, which Vega would otherwise call a Vega visualization
    spec.description = area.getAttribute('aria-label')
    spec.data = { name: 'rows', values: data.rows }
    spec.config = {
      ...spec.config,
      background: null,
      font: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Zen Hei", sans-serif',
      view: { stroke: null },
      axis: { labelColor: c.soft, gridColor: c.line, domainColor: c.line, tickColor: c.line, labelFontSize: 12, labelPadding: 6, labelLimit: narrow ? 104 : 170, ticks: false },
      legend: { labelColor: c.ink, labelFontSize: 12, orient: 'top', direction: 'horizontal', columns: narrow ? 2 : 4, symbolSize: 80, labelLimit: 180, rowPadding: 2, offset: 8 },
      range: { category: c.series },
      text: { fill: c.ink, fontSize: 12 },
      title: { color: c.ink },
    }
    const { view } = await window.vegaEmbed(area, spec, {
      mode: 'vega-lite', renderer: 'svg', actions: false, defaultStyle: false, hover: false, tooltip: showTip,
      // axes write numbers and months as the tables do
      expressionFunctions: { show: (number, unit) => show(number, unit, true), month_label: shortMonth },
    })
    // the picture is named as a whole, and has its table: its hundred marks are not read out
    $('svg', area)?.setAttribute('aria-hidden', 'true')
    area.style.minHeight = ''
    area.dataset.drawn = data.rows.length
    // resizing follows the width of the page
    area.view = view
  }

  let tipBox
  function showTip(handler, event, item, content) {
    tipBox ??= document.body.appendChild(el('div', { class: 'tip', role: 'status', hidden: true }))
    const text = content?.tip ?? (typeof content === 'string' ? content : '')
    if (!text) { tipBox.hidden = true; return }
    tipBox.replaceChildren(...text.split('\n').map((line, i) => el(i ? 'div' : 'strong', {}, line)))
    tipBox.hidden = false
    const box = tipBox.getBoundingClientRect()
    tipBox.style.left = Math.min(event.clientX + 14, innerWidth - box.width - 8) + 'px'
    tipBox.style.top = (event.clientY + 14 + box.height > innerHeight ? event.clientY - box.height - 10 : event.clientY + 14) + 'px'
  }

  // --- tables
  const tableStates = {}
  function table({ name, columns, rows, size = 15, sort = null, plain = false, download = null, caption = '' }) {
    const own = (tableStates[name] ??= { page: 0, sort: sort ? [...sort] : null, search: '' })
    const numeric = (column) => NUMERIC.has(column.unit)
    const cell = (row, column) => (column.unit === 'month' ? month(row[column.field]) : show(row[column.field], column.unit))
    const box = el('div', { class: 'table-box' })
    function search(event) {
      own.search = event.target.value
      own.page = 0
      render()
      const again = $('input', box)
      if (!again) return
      again.focus()
      again.setSelectionRange(again.value.length, again.value.length)
    }
    function render() {
      let list = rows
      if (own.search) {
        const wanted = own.search.toLocaleLowerCase(words.locale)
        list = list.filter((row) => columns.some((column) => row[column.field] !== null && cell(row, column).toLocaleLowerCase(words.locale).includes(wanted)))
      }
      if (own.sort?.[0]) {
        let [field, down] = own.sort
        const bySize = field.startsWith('|')
        field = field.replaceAll('|', '')
        const key = (row) => { const v = row[field]; return bySize && v !== null ? Math.abs(v) : v }
        list = [...list].sort((a, b) => {
          const [x, y] = [key(a), key(b)]
          if (x === y) return 0
          if (x === null || x === undefined) return 1
          if (y === null || y === undefined) return -1
          const order = typeof x === 'string' ? x.localeCompare(y, words.locale) : x < y ? -1 : 1
          return down ? -order : order
        })
      }
      const pages = Math.max(1, Math.ceil(list.length / size))
      own.page = Math.min(own.page, pages - 1)
      const from = own.page * size
      const shown = list.slice(from, from + size)
      const head = el('tr', {}, columns.map((column) => {
        const isSorted = own.sort?.[0].replaceAll('|', '') === column.field
        const toggle = () => { own.sort = [column.field, isSorted ? !own.sort[1] : numeric(column)]; own.page = 0; render() }
        return el('th', { scope: 'col', class: numeric(column) ? 'number' : '', 'aria-sort': isSorted ? (own.sort[1] ? 'descending' : 'ascending') : null },
          plain ? column.label : el('button', { type: 'button', onclick: toggle }, column.label, el('span', { 'aria-hidden': 'true' }, isSorted ? (own.sort[1] ? ' ↓' : ' ↑') : '')))
      }))
      const body = shown.map((row) => el('tr', {}, columns.map((column, i) => {
        const raw = row[column.field]
        let content = cell(row, column)
        if (column.link && raw !== null && raw !== undefined) {
          const [page, key] = column.link.split(':')
          const target = row[key]
          if (target && target !== 'unknown') content = el('a', { href: page === 'rep' || page === 'catalog' ? carried(page + '.html', { [page]: target }) : carried(page + '.html', { key: target }) }, content)
        }
        return el(i === 0 ? 'th' : 'td', { ...(i === 0 ? { scope: 'row' } : {}), class: numeric(column) ? 'number' : column.link ? 'name' : column.unit === 'reason' ? 'reason' : column.unit === 'date' || column.unit === 'key' ? 'short' : '', 'data-field': column.field, 'data-value': numeric(column) ? raw ?? '' : null }, content)
      })))
      const focused = document.activeElement?.dataset?.role
      box.replaceChildren(
        rows.length > size || own.search ? el('div', { class: 'table-tools' }, el('input', { type: 'search', placeholder: say('search'), 'aria-label': say('search_table'), value: own.search, oninput: search })) : '',
        el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption || name }, el('table', { 'data-rows': list.length }, el('thead', {}, head), el('tbody', {}, body))),
        el('div', { class: 'pager' },
          pages > 1 ? [
            el('button', { type: 'button', class: 'plain', disabled: own.page === 0, 'data-role': 'previous', onclick: () => { own.page -= 1; render() } }, say('previous')),
            el('span', {}, say('of_rows', { from: show(from + 1, 'count'), to: show(from + shown.length, 'count'), count: show(list.length, 'count') })),
            el('button', { type: 'button', class: 'plain', disabled: own.page >= pages - 1, 'data-role': 'next', onclick: () => { own.page += 1; render() } }, say('next'))] : null,
          el('span', { class: 'space' }), download,
          el('button', { type: 'button', class: 'plain csv', onclick: () => save(name, columns, list) }, say('download'))))
      if (focused === 'next' || focused === 'previous') box.querySelector(`[data-role=${focused}]`)?.focus()
    }
    render()
    return box
  }

  // CSV in the browser: raw values, so that a spreadsheet can count with them
  function save(name, columns, rows) {
    const quote = (v) => (v === null || v === undefined ? '' : /[",\n]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : String(v))
    const lines = [columns.map((column) => quote(column.label || column.field)), ...rows.map((row) => columns.map((column) => quote(NUMERIC.has(column.unit) || column.unit === 'date' || column.unit === 'month' ? row[column.field] : row[column.field] === null ? '' : show(row[column.field], column.unit))))]
    const text = '\ufeff' + lines.map((line) => line.join(',')).join('\r\n') + '\r\n'
    const link = el('a', { href: URL.createObjectURL(new Blob([text], { type: 'text/csv' })), download: `${site.workspace}_${name}.csv` })
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 1000)
  }

  function drawTable(widget, page, host) {
    const found = chosen(widget.dataset, page, widget.where)
    let rows = found.rows
    const all = store[widget.dataset]
    const months = widget.at === 'end' ? windowOf().slice(-1) : windowOf()
    if (all?.names.includes('month') && widget.at !== 'as_of') rows = inMonths(rows, months)
    if (widget.group) {
      rows = [...groupBy(rows.map((row) => ({ ...row, group: JSON.stringify(widget.group.map((name) => row[name])) })), 'group').values()].map((own) => {
        const row = Object.fromEntries(widget.group.map((name) => [name, own[0][name]]))
        for (const column of widget.columns) if (column.plus) row[column.field] = value(column, own)
        return row
      })
      const sums = widget.columns.filter((column) => column.plus && !column.over)
      rows = rows.filter((row) => sums.some((column) => row[column.field]))
    }
    const amount = widget.amount ? sum(rows, [widget.amount]) : null
    const period = widget.at === 'as_of' ? '' : ` · ${periodName(months)}`
    const title = fill(widget.title, { count: show(rows.length, 'count'), amount: show(amount, widget.unit) }) + (all?.names.includes('month') ? period : '')
    host.replaceChildren(
      el('div', { class: 'card-head' }, el('h3', { 'data-count': rows.length, 'data-value': amount ?? '' }, title)),
      badge(found.ignored) ?? '',
      all?.all ? el('p', { class: 'note' }, say('only_first', { shown: show(all.rows.length, 'count'), count: show(all.all, 'count') })) : '',
      rows.length ? table({ name: widget.name, columns: widget.columns, rows, sort: widget.sort, size: widget.size, caption: title,
        download: all?.all ? el('a', { class: 'quiet', href: `../csv/${widget.dataset}.csv`, download: true }, say('download_all', { count: show(all.all, 'count') })) : null })
        : el('p', { class: 'empty' }, !all?.rows.length && widget.empty ? widget.empty : say('no_rows')),
      widget.metric ? el('p', { class: 'links' }, cardLink(widget.metric)) : '')
  }

  function drawAttention(widget, page, host) {
    const cards = []
    for (const list of widget.lists) {
      const { rows, ignored } = chosen(list.dataset, page)
      if (!store[list.dataset]?.rows.length) continue
      const amount = sum(rows, [list.amount])
      cards.push(el('article', { class: 'card todo', 'data-list': list.dataset },
        el('h3', {}, el('a', { href: linkTo(list.page) }, list.title)),
        el('p', { class: 'value', 'data-value': rows.length, 'data-measure': 'attention_' + list.dataset }, show(rows.length, 'count'), el('span', { class: 'than' }, ' · ' + show(amount, 'currency'))),
        rows.length ? el('ul', {}, rows.slice(0, 3).map((row) => el('li', {},
          el('span', { class: 'who' }, row.account ? el('a', { href: carried('account.html', { key: row.account }) }, row.account_name ?? row.account) : row.product ? el('a', { href: carried('product.html', { key: row.product }) }, row.product_name) : ''),
          el('span', { class: 'much' }, show(row[list.amount], 'currency')),
          el('span', { class: 'why' }, row.reason ? reason(row.reason) : '')))) : el('p', { class: 'empty' }, say('nothing_to_do')),
        rows.length > 3 ? el('p', { class: 'links' }, el('a', { class: 'quiet', href: linkTo(list.page) }, say('more', { count: show(rows.length - 3, 'count') }))) : '',
        badge(ignored)))
    }
    host.replaceChildren(el('div', { class: 'todos' }, cards.length ? cards : el('p', { class: 'empty' }, say('nothing_to_do'))))
  }

  // --- filters
  function drawFilters(page) {
    const bar = $('#filters')
    if (!bar || !page.filters.length) { bar?.remove(); return }
    bar.hidden = Boolean(page.key_page && state.key)
    const focused = document.activeElement?.name
    const pick = (name, options) => options.length < 2 ? null : el('label', {}, el('span', {}, say('filter_' + name)),
      el('select', { name, onchange: (event) => choose({ [name]: event.target.value }) }, options.map(([key, label]) => el('option', { value: key, selected: (state[name] ?? '') === key }, label))))
    const everything = ['', say('everything')]
    const members = (name) => {
      const applies = page.datasets.some((set) => store[set]?.names.includes(name))
      const known = site.members[name].some((key) => key !== 'unknown') || state[name]
      return applies && known ? [everything, ...site.members[name].map((key) => [key, nameOf(key, name)]).sort((a, b) => a[1].localeCompare(b[1], words.locale))] : []
    }
    const options = {
      month: () => [...site.months].reverse().map(([name, complete]) => [name, complete ? month(name) : say('unfinished_month', { month: month(name) })]),
      span: () => ['1', '3', '12', 'all'].map((span) => [span, say('span_' + span)]),
      segment: () => members('segment'), country: () => members('country'), rep: () => members('rep'), catalog: () => members('catalog'),
    }
    const isChanged = ['month', 'span', ...site.filters].some((name) => page.filters.includes(name) && state[name] && state[name] !== state.standard[name])
    bar.replaceChildren(...page.filters.map((name) => pick(name, options[name]())).filter(Boolean),
      el('button', { type: 'button', class: 'plain', hidden: !isChanged, onclick: () => choose(Object.fromEntries(page.filters.map((name) => [name, '']))) }, say('reset')))
    if (focused) bar.querySelector(`[name="${focused}"]`)?.focus()
  }

  // --- pages
  let page
  function draw() {
    completenessReset()
    plotted = []
    drawFilters(page)
    for (const link of $$('a[data-keep]')) link.href = carried(link.getAttribute('href').split('#')[0])
    for (const link of $$('a[data-same]')) link.href = link.getAttribute('href').split('#')[0] + location.hash
    if (page.key_page) return drawKeyPage()
    if (page.lists) return drawRows()
    if (page.pin && drawPinned()) return undefined
    for (const section of page.sections ?? []) {
      for (const widget of section.widgets) {
        const host = document.getElementById(widget.name)
        if (!host) continue
        if (widget.type === 'tiles') drawTiles(widget, page, host)
        else if (widget.type === 'chart') drawChart(widget, page, host)
        else if (widget.type === 'table') drawTable(widget, page, host)
        else drawAttention(widget, page, host)
      }
    }
    return undefined
  }
  function completenessReset() { for (const key of Object.keys(completeness)) delete completeness[key] }

  // the page of one rep or catalog: without a key, a list to choose from
  function drawPinned() {
    const names = site.names[page.pin]
    const key = state[page.pin]
    const list = $('#choose')
    if (key && (names[key] || store.sales?.rows.some((row) => row[page.pin] === key))) {
      $('h1').textContent = nameOf(key, page.pin)
      document.body.classList.add('chosen')
      list.replaceChildren()
      return false
    }
    document.body.classList.remove('chosen')
    list.replaceChildren(key ? el('p', { class: 'note' }, say('unknown_key', { key })) : el('p', {}, say('choose')),
      el('ul', { class: 'names' }, Object.entries(names).sort((a, b) => a[1].localeCompare(b[1], words.locale)).map(([id, name]) => el('li', {}, el('a', { href: carried(page.pin + '.html', { [page.pin]: id }), onclick: () => setTimeout(() => { readState(); draw(); scrollTo(0, 0) }) }, name)))))
    return true
  }

  function crc32(text) {
    let crc = -1
    for (const byte of new TextEncoder().encode(text)) {
      crc ^= byte
      for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1))
    }
    return (crc ^ -1) >>> 0
  }

  async function drawKeyPage() {
    const host = $('#one')
    const kind = page.key_page
    const key = state.key
    if (!key) {
      const card = el('section', { class: 'card wide', id: page.choose.name, tabindex: '-1' })
      host.replaceChildren(card)
      drawTable(page.choose, page, card)
      return
    }
    const shelf = crc32(key) % site.files[kind]
    await script(`data/${kind}/${shelf}.js`)
    if (state.key !== key) return
    const content = W.shelves[kind + shelf]
    const own = content?.keys[key]
    if (!own?.profile) {
      host.replaceChildren(el('p', { class: 'empty' }, say('unknown_key', { key })), el('p', { class: 'note' }, say('largest_only', { count: show(site.max_keys, 'count') })))
      return
    }
    const list = (name) => (own[name] ?? []).map((values) => Object.fromEntries(content.columns[name].map((column, i) => [column, values[i]])))
    const [profile] = list('profile')
    $('h1').textContent = profile[page.name_field] ?? key
    document.title = `${profile[page.name_field] ?? key} · ${document.title.split(' · ').at(-1)}`
    const facts = page.facts.filter((fact) => profile[fact.field] !== null && profile[fact.field] !== undefined && profile[fact.field] !== '').map((fact) => el('div', { class: 'fact' },
      el('dt', {}, fact.metric ? el('a', { href: 'metrics.html#card=' + fact.metric }, fact.label) : fact.label),
      el('dd', { 'data-field': fact.field, 'data-value': NUMERIC.has(fact.unit) ? profile[fact.field] : null },
        fact.field === 'owner_rep_name' && profile.owner_rep_id ? el('a', { href: carried('rep.html', { rep: profile.owner_rep_id }) }, profile[fact.field]) : fact.field === 'country_code' ? nameOf(profile[fact.field], 'country') : show(profile[fact.field], fact.unit))))
    const months = list('months')
    const cards = [el('dl', { class: 'facts card wide' }, facts)]
    store['own_months'] = { names: ['month', 'complete'], totals: [], all: 0, rows: months.map((row) => ({ ...row, complete: site.months.find(([name]) => name === row.month)?.[1] ?? true })) }
    const charts = []
    for (const measure of page.measures) {
      const widget = { type: 'chart', name: 'own_' + measure.name, kind: 'columns', say: 'own', months: 25, measures: [{ ...measure, dataset: 'own_months', plus: measure.over ? measure.plus : measure.plus, where: {} }] }
      const box = el('article', { class: 'card chart', id: widget.name })
      cards.push(box)
      charts.push([widget, box])
    }
    for (const part of page.parts) {
      const rows = list(part.name)
      if (!rows.length) continue
      const title = `${part.title}: ${show(rows.length, 'count')}`
      cards.push(el('article', { class: 'card wide', id: 'part_' + part.name },
        el('div', { class: 'card-head' }, el('h3', { 'data-count': rows.length }, title)),
        rows.length >= site.max_rows ? el('p', { class: 'note' }, say('latest_only', { count: show(site.max_rows, 'count') })) : '',
        table({ name: 'part_' + part.name, columns: part.columns, rows, size: 10, caption: title })))
    }
    host.replaceChildren(el('div', { class: 'grid' }, cards))
    for (const [widget, box] of charts) drawOwn(widget, box)
  }

  // sales of one account or product by month, months without any included
  function drawOwn(widget, host) {
    const measure = widget.measures[0]
    const groups = byMonth(store.own_months.rows)
    const rows = monthList().slice(-25).map((x) => ({ x, y: value(measure, groups.get(x) ?? []) ?? 0, series: measure.label, series_order: 0, unit: measure.unit, partial: !site.months.find(([name]) => name === x)[1] }))
    rows.forEach((row) => { row.tip = `${month(row.x)}\n${measure.label}: ${show(row.y, measure.unit)}` })
    const whole = sum(store.own_months.rows, measure.plus) - sum(store.own_months.rows, measure.minus ?? [])
    const title = say('was', { label: measure.label, value: show(whole, measure.unit), period: say('all_time') })
    const data = { rows, unit: measure.unit }
    const area = el('div', { class: 'plot', role: 'img', 'aria-label': title })
    const details = el('details', { class: 'as-table' }, el('summary', {}, say('as_table')), el('div'))
    details.addEventListener('toggle', () => { if (details.open) details.lastChild.replaceChildren(chartTable(widget, data)) })
    host.replaceChildren(el('div', { class: 'card-head' }, el('h3', { 'data-value': whole }, title)), area, details, el('p', { class: 'links' }, cardLink(measure.metric) ?? ''))
    area.style.minHeight = '290px'
    watch(area, () => plot(area, widget, data))
  }

  async function drawRows() {
    const host = $('#one')
    const names = (state.list ?? 'orders').split('.').filter((name) => page.lists[name])
    const months = windowOf()
    host.replaceChildren(el('p', { class: 'note' }, say('loading')))
    const wanted = names.flatMap((name) => months.filter((m) => site.row_months[name]?.[m]).map((m) => [name, m]))
    await Promise.all(wanted.map(([name, m]) => script(`data/rows/${name}-${m}.js`)))
    const others = Object.keys(page.lists).filter((name) => Object.keys(site.row_months[name] ?? {}).length)
    const menu = el('nav', { class: 'tabs', 'aria-label': $('h1').textContent }, others.map((name) => el('a', { href: address({ list: name }), 'aria-current': names.length === 1 && names[0] === name ? 'page' : null, onclick: (event) => { event.preventDefault(); choose({ list: name }) } }, page.lists[name].title)))
    const cards = names.map((name) => {
      const list = page.lists[name]
      const ignored = new Set()
      const rows = months.flatMap((m) => {
        if (!store[`${name}-${m}`]) return []
        const found = chosen(`${name}-${m}`, page)
        found.ignored.forEach((filter) => ignored.add(filter))
        return found.rows
      })
      const title = say('rows_title', { title: list.title, period: periodName(months), count: show(rows.length, 'count') })
      const sums = list.columns.filter((column) => column.unit === 'currency').map((column) => `${column.label}: ${show(sum(rows, [column.field]), 'exact_currency')}`)
      const cut = months.some((m) => (site.row_months[name]?.[m] ?? 0) > site.max_month_rows)
      return el('article', { class: 'card wide', id: 'rows_' + name },
        el('div', { class: 'card-head' }, el('h3', { 'data-count': rows.length, 'data-list': name }, title)),
        badge([...ignored]) ?? '',
        cut ? el('p', { class: 'note' }, say('month_rows_cut', { count: show(site.max_month_rows, 'count'), query: 'warehouse sql' })) : '',
        sums.length ? el('p', { class: 'sums' }, `${say('sum')} · ${sums.join(' · ')}`) : '',
        rows.length ? table({ name: 'rows_' + name, columns: list.columns, rows, size: 25, caption: title }) : el('p', { class: 'empty' }, say('no_rows')))
    })
    host.replaceChildren(menu, ...cards)
  }

  // --- metric cards: search, the SQL and the months from one file
  function startCards() {
    const search = $('#card-search')
    if (!search) return
    const cards = $$('.metric-card')
    const area = $('#card-area')
    const count = $('#card-count')
    const index = cards.map((card) => card.textContent.toLocaleLowerCase(words.locale) + ' ' + card.dataset.metric.replaceAll('_', ' '))
    function find() {
      const wanted = search.value.toLocaleLowerCase(words.locale).trim()
      let shown = 0
      cards.forEach((card, i) => {
        const isIn = (!wanted || index[i].includes(wanted) || card.dataset.metric.includes(wanted)) && (!area.value || card.dataset.area === area.value)
        card.hidden = !isIn
        shown += isIn
      })
      count.textContent = say('cards_found', { count: show(shown, 'count'), all: show(cards.length, 'count') })
      for (const heading of $$('.card-area')) heading.hidden = !$$('.metric-card:not([hidden])', heading).length
    }
    search.addEventListener('input', find)
    area.addEventListener('change', find)
    const data = received.cards ?? {}
    for (const card of cards) {
      const own = data[card.dataset.metric]
      if (!own) continue
      const spark = $('.spark-slot', card)
      watch(spark, () => spark.replaceChildren(sparkline(own.values.slice(-25).map(([x, y]) => ({ x, y })), '')))
      const details = $('details', card)
      details.addEventListener('toggle', () => { if (details.open) $('pre', details).textContent = own.sql })
    }
    const wanted = new URLSearchParams(location.hash.slice(1)).get('card')
    find()
    const open = () => {
      const name = new URLSearchParams(location.hash.slice(1)).get('card')
      const card = name && document.getElementById('card-' + name)
      if (!card) return
      if (card.hidden) { search.value = ''; area.value = ''; find() }
      $$('.metric-card.found').forEach((other) => other.classList.remove('found'))
      card.classList.add('found')
      card.scrollIntoView({ block: 'center' })
      card.focus({ preventScroll: true })
    }
    addEventListener('hashchange', open)
    if (wanted) open()
  }

  // --- light and dark, kept for the next page
  function startTheme() {
    const button = $('#theme')
    if (!button) return
    button.addEventListener('click', () => {
      const isDark = document.documentElement.dataset.theme === 'dark' || (!document.documentElement.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches)
      const next = isDark ? 'light' : 'dark'
      document.documentElement.dataset.theme = next
      try { localStorage.setItem('theme', next) } catch { /* not kept */ }
      draw()
    })
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => draw())
  }

  function startTables() {
    // tables written by the generator: their CSV is what stands in them
    for (const button of $$('button[data-csv]')) {
      button.addEventListener('click', () => {
        const source = document.getElementById(button.dataset.csv)
        const names = $$('thead th', source).map((cell) => ({ field: cell.textContent, label: cell.textContent, unit: 'count' }))
        const rows = $$('tbody tr', source).map((row) => Object.fromEntries($$('th,td', row).map((cell, i) => [names[i].field, cell.dataset.value ?? cell.textContent.trim()])))
        save(button.dataset.csv, names, rows)
      })
    }
  }

  addEventListener('DOMContentLoaded', () => {
    words = received.words
    site = received.site
    W.site = site
    page = JSON.parse($('#page').textContent) ?? { filters: [] }
    page.filters ??= []
    page.datasets ??= []
    readState()
    startTheme()
    draw()
    startCards()
    startTables()
    scrollToWidget(new URLSearchParams(location.hash.slice(1)).get('at'))
    addEventListener('hashchange', () => { readState(); draw(); scrollToWidget(new URLSearchParams(location.hash.slice(1)).get('at')) })
    // a printed page has all its charts, also those that nobody scrolled to
    addEventListener('beforeprint', () => { for (const [area, run] of watched) { observer.unobserve(area); run() } watched.clear() })
    let width = innerWidth
    addEventListener('resize', () => {
      if (innerWidth === width) return
      width = innerWidth
      for (const { area } of plotted) area.view?.resize().runAsync()
    })
    document.documentElement.dataset.ready = 'yes'
  })
})()
