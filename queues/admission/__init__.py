"""Who goes on at once when somebody floods the lines, and who is asked and waits: never who is refused.

A flood (telephone denial of service) comes from few numbers, or through one carrier. What it may take is
bounded: a share of the operators, and a rate. Who calls through another carrier notices nothing.
"""

from queues.admission.gate import Gate
from queues.admission.policy import AdmissionPolicy
from queues.admission.vocabulary import Admit, Ask, Decision, Hold, SurgeBegan, SurgeEnded, Why

__all__ = ["AdmissionPolicy", "Admit", "Ask", "Decision", "Gate", "Hold", "SurgeBegan", "SurgeEnded", "Why"]
