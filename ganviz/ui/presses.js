// Numbers the presses of buttons. What a component sets inside a click travels in the same message
// as the click; the last presses go with every message, so that one whose message was lost is not.
// Numbers begin with the time: those of a page that is loaded later are higher.

const KEPT = 16;

const presses = (window.ganvizPresses ??= { names: [], keys: null, made: [], tell: null });

function note({ target }) {
  const name = presses.names.find((name) => target.closest?.(`.st-key-${name} button:enabled`));
  if (!name) return;
  const number = (presses.made.at(-1)?.[0] ?? Date.now()) + 1;
  presses.made = [...presses.made, [number, name]].slice(-KEPT);
  presses.tell?.("presses", presses.made);
}

// The keys end in a click, so that they are numbered like one; what was typed is taken by then.
function pressByKeys(event) {
  const control = event.ctrlKey !== event.metaKey && !event.altKey && !event.shiftKey;
  if (event.key !== "Enter" || !control) return;
  event.preventDefault();
  if (!event.repeat) document.querySelector(`.st-key-${presses.keys} button`)?.click();
}

function numberPresses(given, tell) {
  if (!presses.tell) {
    window.addEventListener("click", note, true);
    document.addEventListener("keydown", pressByKeys);
  }
  Object.assign(presses, given, { tell });
}
