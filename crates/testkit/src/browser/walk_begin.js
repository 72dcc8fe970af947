// Notes how everything looks without the focus, and sets the keyboard's place to the top.
document.activeElement?.blur();
const things = document.querySelectorAll('a, button, input, select, textarea, summary, [tabindex], [contenteditable], iframe');
window.carecertWalk = { looks: new Map([...things].map(thing => [thing, lookOf(thing)])), seen: new Set() };
const start = document.createElement('span');
start.tabIndex = -1;
document.body.prepend(start);
start.focus();
start.remove();
