// One key for each common act, printed on its button; never while somebody types.
const QUIET_MS = 1500;
let quietUntil = 0;

// The field that somebody typed in is gone: until she pauses, what she types on is no command.
export function hush() {
  quietUntil = Date.now() + QUIET_MS;
}

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (event.key === "Escape" && typing) return typing.blur();
    if (!typing && Date.now() < quietUntil) return hush();
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
    const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]:not([disabled])`);
    if (!target) return;
    event.preventDefault();
    target.click();
  });
}
