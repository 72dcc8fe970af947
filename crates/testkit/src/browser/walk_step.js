// Says where the focus is now, and whether anybody can see that it is there.
const { looks, seen } = window.carecertWalk;
const thing = document.activeElement;
if (!thing || thing === document.body || thing === document.documentElement) return { at: 'end' };
const name = nameOf(thing);
if (seen.has(thing)) return thing === [...seen][0] ? { at: 'end' } : { at: 'trap', name };
seen.add(thing);
const box = thing.getBoundingClientRect();
const onScreen = box.width > 1 && box.height > 1 && box.right > 0 && box.bottom > 0 &&
  box.left < innerWidth && box.top < innerHeight;
return { at: 'thing', name, shows: onScreen && lookOf(thing) !== looks.get(thing) };
