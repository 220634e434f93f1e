// Timers that count up from the server's time, whatever this machine's clock says.
let offset = 0;

export function setServerTime(now) {
  offset = Date.parse(now) - Date.now();
}

function show(timer) {
  const seconds = Math.max(0, Math.floor((Date.now() + offset - Date.parse(timer.dataset.since)) / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = String(seconds % 60).padStart(2, "0");
  timer.textContent = hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
  if (timer.dataset.limit) timer.classList.toggle("over", seconds > Number(timer.dataset.limit));
}

function showAll() {
  document.querySelectorAll("time[data-since]").forEach(show);
  const wall = document.getElementById("wall-clock");
  const form = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: wall.dataset.zone, hourCycle: "h23" };
  wall.textContent = new Intl.DateTimeFormat("en-GB", form).format(new Date(Date.now() + offset));
}

export function startClocks() {
  showAll();
  setInterval(showAll, 500);
  // A fragment that has just come in shows its timers at once.
  new MutationObserver(() => document.querySelectorAll("time[data-since]").forEach((timer) => {
    if (timer.textContent === "–") show(timer);
  })).observe(document.getElementById("main"), { childList: true, subtree: true });
}
