"""Who is who on the wire: a small certificate authority for one site.

Owns keys, certificates and the list of what was issued, in one folder. Knows nothing of the
broker's configuration, and opens no connection.
"""

from controller.pki.authority import Authority, Terms
from controller.pki.identity import Identity, Role
from controller.pki.register import Issued

__all__ = ["Authority", "Identity", "Issued", "Role", "Terms"]
