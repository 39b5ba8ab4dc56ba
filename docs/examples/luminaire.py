#!/usr/bin/env python3
"""One luminaire of wire contract version 1, from docs/wire.md alone: paho-mqtt 2, cryptography.

It has no lamp: it prints the level it would turn to. Ramps are left to the gear.
"""

import argparse
import json
import secrets
import time
from pathlib import Path

import paho.mqtt.client as mqtt
from light import checked, light, percent
from signature import is_believed, read_keys


class Luminaire:
    """What is kept over loss of power, what arrives, and what follows from both."""

    def __init__(self, client, given):
        self.client, self.store, self.root = client, given.store, f"lamplighter/v1/{given.site}/"
        self.own = f"{self.root}luminaire/{given.id}/"
        self.keys = read_keys(given.keys) if given.keys else None
        self.kept = {"config": None, "own": None, "zone": None, "revs": {}}
        if self.store.exists():
            self.kept = json.loads(self.store.read_text())
        self.command, self.command_id, self.said, self.at_ms = None, "", None, 0

    def topics(self):
        """What it listens to, and the kind of each; its zone's once a config names it."""
        known = {self.own + "config": "config", self.own + "program": "own"}
        known[self.own + "command"] = "command"
        if self.kept["config"]:
            zone = f"{self.root}zone/{self.kept['config']['zone']}/"
            known |= {zone + "program": "zone", zone + "command": "command"}
        return known

    def connected(self, client, userdata, flags, reason, properties):
        """The broker answered: subscribe, and say that it is here and how it is."""
        if reason.is_failure:
            print(f"not let in: {reason}", flush=True)
            return
        client.subscribe([(topic, 1) for topic in self.topics()])
        client.publish(self.own + "availability", "online", qos=1, retain=True)
        self.tick(must_say=True)

    def arrived(self, client, userdata, message):
        """Take a message; what is not believed or cannot be read is dropped."""
        topics = self.topics()
        kind = topics.get(message.topic)
        if kind is None or (kind == "command" and message.retain):
            return
        try:
            if self.keys is not None and not is_believed(self.keys, message.topic, message.payload):
                raise ValueError("signed by nobody we know")
            new = json.loads(message.payload) if message.payload else None
            must_say = self.obey(new) if kind == "command" else self.hold(kind, new)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            print(f"dropped on {message.topic}: {error!r}", flush=True)
            return
        for topic in topics.keys() ^ self.topics().keys():
            (client.unsubscribe if topic in topics else client.subscribe)(topic)
        fresh = self.store.with_suffix(".new")  # never half a file, should the power fail now
        fresh.write_text(json.dumps(self.kept))
        fresh.replace(self.store)
        self.tick(must_say=must_say)

    def hold(self, kind, new):
        """Keep a newer program or config, or forget one that is no more."""
        kept, revs, before = self.kept, self.kept["revs"], self.kept["config"]
        if new is None:
            kept[kind] = None
            revs.pop(kind, None)
        elif new["rev"] > revs.get(kind, -1):
            kept[kind] = None if new.get("cleared") else checked(kind, new)
            revs[kind] = new["rev"]
        if kind == "config" and (before or {}).get("zone") != (kept[kind] or {}).get("zone"):
            kept["zone"] = None
            revs.pop("zone", None)

    def obey(self, new):
        """Accept a command that is new and in time; whether it wants an answer."""
        newest = self.kept["revs"].get("command", -1)
        if not new["start"] <= time.time() < new["expires_at"] or new["rev"] < newest:
            return False
        if new["rev"] > newest:
            if new.get("level") is not None:
                self.command = {"level": percent(new["level"]), "expires_at": new["expires_at"]}
            elif new.get("resume"):
                self.command = None
            self.kept["revs"]["command"], self.command_id = new["rev"], new["command_id"]
        return new.get("report", False)

    def tick(self, *, must_say=False):
        """Turn the gear to what holds now (here: print it) and say so where it is new."""
        config, program = self.kept["config"], self.kept["own"] or self.kept["zone"]
        level, source = light(config, program, self.command, time.time())
        new = {"level": level, "source": source, "command_id": self.command_id}
        new |= {"rev": (config or {"rev": 0})["rev"], "program_rev": (program or {"rev": 0})["rev"]}
        if new != self.said:
            self.at_ms = int(time.time() * 1000)
            print(f"level {level:g} % by {source}", flush=True)
        if (new != self.said or must_say) and self.client.is_connected():
            payload = json.dumps({**new, "at_ms": self.at_ms})
            self.client.publish(self.own + "state", payload, qos=1, retain=True)
        self.said = new


def main():
    """Connect, again and again, and follow the program all the while."""
    options = argparse.ArgumentParser(description=__doc__)
    for name in ("--site", "--id"):
        options.add_argument(name, required=True)
    for name in ("--username", "--password", "--ca-file", "--certificate", "--key"):
        options.add_argument(name)
    options.add_argument("--broker", default="127.0.0.1")
    options.add_argument("--port", type=int, default=1883)
    options.add_argument("--keys", type=Path, help="public keys of the controllers: trusted.txt")
    options.add_argument("--store", type=Path, default=Path("luminaire.json"))
    given = options.parse_args()
    name = f"luminaire-{given.id}-{secrets.token_hex(4)}"  # nobody else can throw us off by it
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name)
    client.username_pw_set(given.username, given.password)
    if given.ca_file:
        client.tls_set(given.ca_file, given.certificate, given.key)
    luminaire = Luminaire(client, given)
    client.on_connect, client.on_message = luminaire.connected, luminaire.arrived
    client.will_set(luminaire.own + "availability", "offline", qos=1, retain=True)
    is_open = False
    while True:  # the lamp follows its program whether or not there is a broker
        try:
            if not is_open:
                client.connect(given.broker, given.port, keepalive=30)
            is_open = client.loop(timeout=0.1) == mqtt.MQTT_ERR_SUCCESS
        except OSError as error:
            print(f"no broker: {error}", flush=True)
        luminaire.tick()
        if not is_open:
            time.sleep(1)


if __name__ == "__main__":
    main()
