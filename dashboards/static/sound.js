// Sounds without files. A browser lets a page sound only after somebody has touched it.
let context = null;
const announced = new Set();
const title = document.title;
const TUNES = { ring: [880, 660, 880, 660], task: [523, 659, 784], message: [587, 587], alarm: [392, 392, 392] };

function play(tune) {
  if (!context || context.state !== "running") return;
  TUNES[tune].forEach((pitch, place) => {
    const at = context.currentTime + place * 0.22;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.21);
  });
}

export function announce(region) {
  const now = region.querySelectorAll("[data-sound]");
  for (const one of now) {
    const name = `${region.id} ${one.id || one.dataset.sound}`;
    if (!announced.has(name)) play(one.dataset.sound);
    announced.add(name);
  }
  // Whoever has another tab before her sees how many there are.
  const open = document.querySelectorAll("[data-sound]").length;
  document.title = open ? `(${open}) ${title}` : title;
  if (!now.length) for (const name of announced) if (name.startsWith(`${region.id} `)) announced.delete(name);
}

export function startSound() {
  const button = document.getElementById("sound-on");
  const unlock = async () => {
    context ??= new AudioContext();
    await context.resume();
    if (button) button.textContent = button.dataset.on;
  };
  // Not before the click is done: the button's words change, and what is below them must not slip from the finger.
  document.addEventListener("click", unlock, { once: true });
  document.addEventListener("keydown", unlock, { once: true });
}
