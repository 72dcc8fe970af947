// Counts down to a moment that the page also gives as a time of day, so that without this script
// nothing is missing.
for (const shown of document.querySelectorAll('[data-countdown]')) {
  const until = Number(shown.dataset.countdown)
  const count = () => {
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000))
    shown.textContent = left > 0 ? `in ${left} ${left === 1 ? 'second' : 'seconds'}` : 'which is now'
    if (left > 0) setTimeout(count, 1000 - (Date.now() % 1000))
  }
  count()
}
