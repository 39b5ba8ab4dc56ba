"""mosquitto for one site, configured from its inventory: who may connect, and say what.

Makes text; writes no file and starts nothing. Ref: mosquitto.conf(5), version 2.0.
"""

from controller.mosquitto.access_list import access_list
from controller.mosquitto.configuration import Listeners, configuration
from controller.mosquitto.passwords import password_line

__all__ = ["Listeners", "access_list", "configuration", "password_line"]
