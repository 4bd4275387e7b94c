// Usage: live.mjs FOLDER COMMAND: serves a deployment with COMMAND simulate --listen, opens its page as a person would, attacks a trail with the
// keyboard, and looks at what arrives. It exits with 1 and a line for each fault. FOLDER has playwright-core, and gets the pictures.
import { createRequire } from 'node:module'
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { expected } from './expected.mjs'
import { look } from './look.mjs'

const [folder, command] = process.argv.slice(2)
const { chromium } = createRequire(resolve(folder, 'package.json'))('playwright-core')
let wrong = 0
const say = line => { wrong++; console.log(line) }

const served = spawn(command, ['simulate', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] })
const address = await new Promise((found, none) => {
  let out = ''
  served.stdout.on('data', data => {
    out += data
    const m = out.match(/http:\/\/127\.0\.0\.1:\d+/)
    if (m) found(m[0])
  })
  served.on('exit', code => none(new Error(`simulate --listen ended with ${code}: ${out}`)))
})
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })

// A request signed for CloudTrail, with a user agent that must stay text.
const hostile = '<script>document.title="hacked"</script><img src=x onerror=alert(1)>'
const call = (operation, body) => fetch(address, {
  method: 'POST',
  headers: {
    'Content-Type': 'application/x-amz-json-1.1',
    'X-Amz-Target': `CloudTrail_20131101.${operation}`,
    Authorization: 'AWS4-HMAC-SHA256 Credential=local/20260302/eu-west-1/cloudtrail/aws4_request, SignedHeaders=host, Signature=0',
    'User-Agent': hostile,
  },
  body: JSON.stringify(body),
})

for (const width of [1280, 400]) {
  for (const scheme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, serviceWorkers: 'block' })
    const page = await context.newPage()
    page.on('console', m => say(`the console says: ${m.text()}`))
    page.on('pageerror', e => say(`a script failed: ${e.message}`))
    page.on('dialog', d => { say('a dialog opened'); return d.dismiss() })
    page.on('request', r => { if (!r.url().startsWith(address + '/')) say(`it asked for ${r.url()}`) })
    await page.goto(address)
    const at = `live at ${width} px, ${scheme}`
    const before = await page.locator('#messages > div').count()
    const button = page.locator('button[data-attack=stop]').first()
    await button.focus()
    await page.keyboard.press('Enter')
    const arrives = async (selector, what) => page.waitForSelector(selector, { timeout: 20000 }).catch(() => say(`${at}: ${what} does not arrive`))
    await arrives('#t1 .bad-text', 'the stopped trail')
    await arrives('#t1 .good-text', 'the restored trail')
    await page.waitForFunction(n => document.querySelectorAll('#messages > div').length >= n, before + 1, { timeout: 20000 })
      .catch(() => say(`${at}: the messages do not arrive`))
    await page.waitForFunction(() => document.getElementById('said').textContent.includes('CloudTrail did it'), null, { timeout: 20000 })
      .catch(async () => say(`${at}: the button says ${await page.textContent('#said')}`))
    let answer = await call('StopLogging', { Name: 'management' })
    for (let n = 0; n < 10 && answer.status === 400 && (await answer.clone().text()).includes('Throttling'); n++) {
      await page.waitForTimeout(500)
      answer = await call('StopLogging', { Name: 'management' })
    }
    if (!answer.ok) say(`${at}: CloudTrail answers ${answer.status} ${await answer.text()}`)
    await page.waitForFunction(() => document.getElementById('messages').innerText.includes('<script>document.title'), null, { timeout: 20000 })
      .catch(() => say(`${at}: the message with the attacker's user agent does not arrive`))
    await arrives('#t1 .good-text', 'the trail that is restored again')
    if (await page.title() !== 'Trailkeeper: a deployment to attack') say(`${at}: a script of the attacker ran`)
    const faults = await page.evaluate(look, { headings: expected('live').headings, texts: ['✓ recording', 'Stop logging', 'Connected.'] })
    for (const fault of faults) say(`${at}: ${fault}`)
    await page.screenshot({ path: join(folder, `live-${width}-${scheme}.png`), fullPage: true })
    await context.close()
  }
}
await browser.close()
served.removeAllListeners('exit')
served.kill('SIGINT')
const code = await new Promise(ended => served.on('exit', ended))
if (code !== 0) say(`simulate --listen ended with ${code}`)
console.log(wrong ? `${wrong} faults` : 'the live page is well at two widths, light and dark, and attacks arrive on it')
process.exitCode = wrong ? 1 : 0
