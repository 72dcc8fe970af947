// Names what can be seen and used and was not reached. Tab enters a group of radio buttons once; the
// arrow keys do the rest.
const walked = window.carecertWalk.seen;
const seen = thing => thing.checkVisibility({ visibilityProperty: true }) &&
  thing.getBoundingClientRect().width > 1 && thing.getBoundingClientRect().height > 1;
const together = (one, other) => one.type === 'radio' && one.form === other.form && one.name === other.name;
return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter(thing => !thing.disabled && seen(thing))
  .filter(thing => !walked.has(thing) && ![...walked].some(other => together(thing, other)))
  .map(nameOf);
