"""Errors of the controller. Whose fault, and is a retry any use: the class says both."""


class ControllerError(Exception):
    """Root of the controller's errors."""


class ConfigurationError(ControllerError):
    """The operator's configuration or documents are wrong; a retry is no use."""


class FolderError(ControllerError):
    """A folder of documents could not be read or written."""


class OutputFailed(ControllerError):
    """A file that the user asked for could not be written."""


class StoreError(ControllerError):
    """The store could not be read or written."""


class ArchiveRefused(ControllerError):
    """A backup is none, is damaged, or was made to do harm; nothing of it is used."""


class NoSuchRevision(ControllerError):
    """A revision was asked for that the store does not hold."""


class StoreDamaged(StoreError):
    """The store's file is damaged, or empty where it should not be."""


class StoreInUse(StoreError):
    """Another process works on the data folder; it may be free later."""


class StoreTooNew(StoreError):
    """The store was written by a newer version; this one keeps its hands off."""


class BusUnavailable(ControllerError):
    """The broker is not to be reached now; a retry may help."""


class BrokerFailed(ControllerError):
    """The embedded broker could not be started or died."""


class RevisionConflict(ControllerError):
    """Somebody else put documents in force since the editor looked."""


class NoSuchAlarm(ControllerError):
    """An alarm was asked for that was never raised, or is not kept any more."""


class AlarmAcknowledged(ControllerError):
    """Somebody else acknowledged the alarm before."""


class NoSuchPerson(ControllerError):
    """A user was named whom there is not."""
