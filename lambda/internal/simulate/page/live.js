'use strict'
addEventListener('DOMContentLoaded', () => {
  const at = id => document.getElementById(id)
  const put = (id, html) => {
    const place = at(id)
    if (!place || place.dataset.html === html) return
    place.dataset.html = html
    const open = place.querySelector('details')?.open
    place.innerHTML = html
    if (open) place.querySelector('details').open = true
  }
  const source = new EventSource('live')
  source.onopen = () => { at('link').textContent = 'Connected.' }
  source.onerror = () => { at('link').textContent = 'No connection: does simulate --listen still run?' }
  source.onmessage = e => {
    const update = JSON.parse(e.data)
    for (const [id, html] of Object.entries(update.parts)) put(id, html)
    for (const { id, html } of update.messages) {
      if (at(id)) continue
      const place = document.createElement('div')
      place.id = id
      place.innerHTML = html
      at('messages').prepend(place)
    }
  }
  document.addEventListener('click', async e => {
    const button = e.target.closest('button')
    if (!button) return
    if (button.hasAttribute('data-copy')) {
      await navigator.clipboard.writeText(button.previousElementSibling.textContent)
      button.textContent = 'Copied'
      return
    }
    at('said').textContent = button.textContent + ' …'
    try {
      const answer = await fetch('attack', { method: 'POST', body: new URLSearchParams({ attack: button.dataset.attack, trail: button.dataset.trail }) })
      at('said').textContent = await answer.text()
    } catch {
      at('said').textContent = 'No connection: does simulate --listen still run?'
    }
  })
})
