"""Silence and speech: each prompt beneath noises at three levels, and the noises alone for a minute each."""

from __future__ import annotations

import time

from ari_app.hearing.voice import RATE, Silero
from queues.hearing import LIKELY, Hearing
from tests import sounds
from tests.bench.bed import say

_NOISE_S = 60.0
_NOISY = ("traffic", "rain", "hum", "music", "dtmf")
_LOUDER_DB = (0, 10, 20)
_MOST_NOISE = 0.02


async def run() -> bool:
    """Every committed prompt in both languages as speech."""
    voices = [sounds.speech(name, language) for language in ("id", "en") for name in sounds.prompts(language)]
    missed = dict.fromkeys(_LOUDER_DB, 0)
    heard_s, took_s = 0.0, 0.0
    for noise in _NOISY:
        around = sounds.NOISES[noise](15.0)
        for snr_db in _LOUDER_DB:
            for voice in voices:
                data = sounds.samples(sounds.mixed(voice, around, snr_db))
                began = time.process_time()
                missed[snr_db] += not Hearing().take(Silero().likelihoods(data))
                took_s += time.process_time() - began
                heard_s += len(data) / RATE
    each = len(_NOISY) * len(voices)
    say(f"hearing: {len(voices)} prompts beneath {', '.join(_NOISY)}")
    for snr_db in _LOUDER_DB:
        say(f"  speech {snr_db:2} dB above noise   missed {missed[snr_db]} of {each}")
    worst = 0.0
    for noise, make in sounds.NOISES.items():
        likelihoods = Silero().likelihoods(sounds.samples(make(_NOISE_S)))
        share = sum(one > LIKELY for one in likelihoods) / len(likelihoods)
        was_heard = Hearing().take(likelihoods)
        worst = max(worst, share, float(was_heard))
        heard = "heard" if was_heard else "not heard"
        say(f"  {noise:8} {100 * share:.2f} % of frames called speech, a caller {heard}")
    say(f"  cost {took_s / heard_s:.4f} s of a core for each second of a voice")
    return missed[10] == missed[20] == 0 and worst < _MOST_NOISE
