// How a thing looks: its own style, that of its labels (a radio button's ring is drawn beside its
// label) and of what it stands in, each with what CSS draws before and after it.
const drawn = ['outlineStyle', 'outlineWidth', 'outlineColor', 'boxShadow', 'backgroundColor', 'color',
  'borderTopColor', 'borderTopWidth', 'borderBottomColor', 'borderBottomWidth', 'textDecorationLine'];
const lookOf = thing => [thing, thing.parentElement, ...(thing.labels || [])].filter(Boolean)
  .flatMap(part => ['', '::before', '::after'].map(side => getComputedStyle(part, side || null)))
  .map(style => drawn.map(property => style[property]).join()).join(';');
