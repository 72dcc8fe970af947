// What a person calls a thing on the page: its label, its text, or what a screen reader says.
const plain = text => (text || '').replace(/\s+/g, ' ').trim();
const textOf = ids => ids.split(/\s+/).map(id => plain(document.getElementById(id)?.textContent)).join(' ');
const nameOf = thing =>
  plain(thing.getAttribute('aria-labelledby') ? textOf(thing.getAttribute('aria-labelledby')) : '') ||
  plain(thing.getAttribute('aria-label')) ||
  plain([...(thing.labels || [])].map(label => label.textContent).join(' ')) ||
  (thing.matches('input[type=submit], input[type=button]') ? plain(thing.value) : plain(thing.textContent)) ||
  plain([...thing.querySelectorAll('img[alt]')].map(image => image.alt).join(' ')) ||
  plain(thing.title);
