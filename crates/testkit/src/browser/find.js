// Returns the first visible thing of a kind that is called so: exactly, or else beginning with it.
// Where there is none, returns the names that there are.
const [kind, wanted, within] = arguments;
const selector = {
  field: 'input:not([type=hidden], [type=submit], [type=button]), select, textarea',
  option: 'option',
  button: 'button, input[type=submit], [role=button], summary',
  link: 'a[href]',
}[kind];
const seen = [...(within || document).querySelectorAll(selector)]
  .filter(thing => kind === 'option' || thing.getClientRects().length > 0);
return seen.find(thing => nameOf(thing) === wanted)
  || seen.find(thing => nameOf(thing).startsWith(wanted))
  || seen.map(nameOf);
