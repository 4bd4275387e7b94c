// look runs in the page and returns what is wrong with it as sentences. It must not use anything from outside of itself.
export function look({ headings, texts }) {
  const found = []
  const width = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth > width) found.push(`it is wider than the window: ${document.documentElement.scrollWidth} px`)
  if (!document.querySelector('meta[http-equiv="Content-Security-Policy"]')) found.push('it has no policy')
  if (!document.documentElement.lang || !document.title) found.push('it has no language or no title')

  // What a person can read: text nodes that have a size and lie in the window's width.
  const shown = e => e.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  const inside = e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 && r.left >= 0 && r.right <= width + 1 }
  const blocks = [...document.querySelectorAll('h1,h2,h3,p,dt,dd,.value,li,caption,th,td,.scale span,.ticks span,summary,button,pre,code,a')]
    .filter(e => shown(e) && e.textContent.trim())
  const read = blocks.filter(e => inside(e) || e.closest('.scroll,pre')).map(e => e.innerText.trim())
  for (const text of texts) if (!read.some(r => r.includes(text))) found.push(`it does not show ${JSON.stringify(text)}`)
  for (const text of headings) {
    if (!blocks.some(e => e.tagName === 'H2' && inside(e) && e.innerText === text)) found.push(`it does not show the heading ${text}`)
  }
  for (const e of blocks) if (!inside(e) && !e.closest('.scroll,pre')) found.push(`${e.tagName} lies outside of the window: ${e.innerText}`)

  let level = 0
  for (const h of document.querySelectorAll('h1,h2,h3,h4,h5,h6')) {
    if (+h.tagName[1] > level + 1) found.push(`a heading's level is left out before ${JSON.stringify(h.innerText)}`)
    level = +h.tagName[1]
  }
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id)
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`two elements are ${id}`)
  for (const e of document.querySelectorAll('[aria-labelledby]')) {
    for (const id of e.getAttribute('aria-labelledby').split(' ')) if (!ids.includes(id)) found.push(`${id} labels something and is not there`)
  }
  for (const svg of document.querySelectorAll('svg:not([aria-hidden])')) {
    if (svg.closest('td')) { // the row has the figures
      if (!svg.getAttribute('aria-label')?.trim()) found.push('a drawing in a table has no label')
      continue
    }
    for (const part of ['title', 'desc']) if (!svg.querySelector(`:scope > ${part}`)?.textContent.trim()) found.push(`a drawing has no ${part}`)
    if (!svg.closest('figure')?.querySelector('details table tbody tr')) found.push('a drawing has no table')
  }

  // What a mouse can use or scroll, a keyboard must reach.
  for (const e of [...document.querySelectorAll('a,button,summary,.scroll,pre')].filter(shown)) {
    if (e.tabIndex < 0 && (e.scrollWidth > e.clientWidth || !e.matches('.scroll,pre'))) found.push(`no key reaches ${e.tagName} ${e.innerText.slice(0, 30)}`)
  }

  // Contrast (WCAG 2.2, 1.4.3: 4.5 to 1 for text).
  const channels = c => c.match(/[\d.]+/g).map(Number)
  const light = c => {
    const [r, g, b] = channels(c).slice(0, 3).map(v => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (channels(c)[3] !== 0) return c } return 'rgb(255,255,255)' }
  for (const e of [...blocks, ...document.querySelectorAll('.hint,.sign')].filter(shown)) {
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < 4.5) found.push(`the contrast of ${JSON.stringify(e.innerText.slice(0, 30))} is only ${ratio.toFixed(2)}`)
  }
  return found
}
