// Usage: check.mjs FOLDER PAGE...: opens each page from its file at two widths, light and dark, and exits with 1 and a line for each fault. FOLDER
// has playwright-core, and gets the pictures. Then it breaks a page in every way that it looks for and makes sure that it sees each.
import { createRequire } from 'node:module'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expected } from './expected.mjs'
import { look } from './look.mjs'

const [folder, ...pages] = process.argv.slice(2)
const { chromium } = createRequire(resolve(folder, 'package.json'))('playwright-core')
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu'],
})

// faults opens a file and returns what is wrong with it.
async function faults(file, wanted, { width, scheme, picture }) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, serviceWorkers: 'block' })
  const page = await context.newPage()
  const found = []
  const address = pathToFileURL(resolve(file)).href
  page.on('console', m => found.push(`the console says: ${m.text()}`))
  page.on('pageerror', e => found.push(`a script failed: ${e.message}`))
  page.on('dialog', d => { found.push('a dialog opened'); return d.dismiss() })
  await context.route('**/*', route => {
    if (route.request().url() === address) return route.continue()
    found.push(`it asked for ${route.request().url()}`)
    return route.abort()
  })
  await page.goto(address)
  found.push(...await page.evaluate(look, wanted))
  if (picture) await page.screenshot({ path: picture, fullPage: true })
  await page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true }))
  found.push(...(await page.evaluate(look, wanted)).map(f => `with the tables open, ${f}`))
  await page.emulateMedia({ media: 'print' })
  found.push(...(await page.evaluate(look, wanted)).map(f => `in print, ${f}`))
  await context.close()
  return found
}

let wrong = 0
const say = line => { wrong++; console.log(line) }

for (const file of pages) {
  const name = basename(file, '.html')
  for (const width of [1280, 400]) {
    for (const scheme of ['light', 'dark']) {
      const picture = join(folder, `${name}-${width}-${scheme}.png`)
      for (const fault of await faults(file, expected(name), { width, scheme, picture })) say(`${file} at ${width} px, ${scheme}: ${fault}`)
    }
  }
}

// The ways to break a page, each with a word of the fault that must be found.
const healthy = await readFile(pages.find(p => basename(p) === 'busy.html'), 'utf8')
const mutations = [
  ['a script', h => h.replace('</main>', '<script>console.log(1)</script></main>'), 'console'],
  ['an image', h => h.replace('</main>', '<img src="https://example.com/x.png" alt=""></main>'), 'console'],
  ['no policy and an image', h => h.replace(/<meta http-equiv[^\n]*\n/, '').replace('</main>', '<img src="https://example.com/x.png" alt=""></main>'), 'asked for'],
  ['no policy', h => h.replace(/<meta http-equiv[^\n]*\n/, ''), 'policy'],
  ['a style that was changed', h => h.replace('<style>', '<style>p{margin:1px}'), 'console'],
  ['a wide text', h => h.replace('</main>', `<pre>${'wide '.repeat(100)}</pre></main>`), 'wider'],
  ['a number that is not there', h => h.replaceAll('1 min 1 s', ''), 'does not show'],
  ['a heading that is hidden', h => h.replace('<h2 id="queues"', '<h2 hidden id="queues"'), 'does not show'],
  ['a drawing without words', h => h.replace(/<desc[^]*?<\/desc>/, ''), 'desc'],
  ['a drawing without a table', h => h.replace(/<details>[^]*?<\/details>/, ''), 'table'],
  ['a drawing in a table without a label', h => h.replace('</main>', '<table><tr><td><svg></svg></td></tr></table></main>'), 'no label'],
  ['a scrolling text that no key reaches', h => h.replace('</main>', `<pre>${'long '.repeat(100)}</pre></main>`), 'no key reaches'],
  ['a heading level that is left out', h => h.replace('<h2 id="queues">Queues</h2>', '<h5>Queues</h5>'), 'level'],
]
const broken = join(folder, 'broken.html')
for (const [what, breakIt, word] of mutations) {
  const html = breakIt(healthy)
  if (html === healthy) say(`the page could not be broken with ${what}`)
  await writeFile(broken, html)
  const found = await faults(broken, expected('busy'), { width: 400, scheme: 'light' })
  if (!found.some(f => f.includes(word))) say(`${what} was not seen; found only: ${found.join('; ') || 'nothing'}`)
}

await browser.close()
console.log(wrong ? `${wrong} faults` : `${pages.length} pages are well at two widths, light and dark; ${mutations.length} broken ones were seen`)
process.exitCode = wrong ? 1 : 0
