#!/usr/bin/env python3
"""One luminaire of wire contract version 1, from docs/wire.md alone. Needs paho-mqtt 2.

It has no lamp: it prints the level it would turn to. Ramps are left to the gear.
"""

import argparse
import json
import time
from pathlib import Path

import paho.mqtt.client as mqtt

DAY_S = 86_400


class Luminaire:
    """What is stored, what arrives, and what follows from it."""

    def __init__(self, client, root, name, store):
        self.client, self.root, self.name, self.store = client, root, name, store
        kept = json.loads(store.read_text()) if store.exists() else {}
        self.config, self.own, self.zones = (kept.get(k) for k in ("config", "own", "zones"))
        self.command, self.command_rev, self.command_id = None, -1, ""
        self.said, self.at_ms = None, 0

    def topic(self, leaf):
        """A topic of its own."""
        return f"{self.root}/luminaire/{self.name}/{leaf}"

    def zone_topics(self):
        """Topics of the zone that the config names."""
        return [f"{self.root}/zone/{self.config['zone']}/{k}" for k in ("program", "command")]

    # --- what arrives

    def connected(self, client, userdata, flags, reason, properties):
        """The broker answered: subscribe, and say that it is here and how it is."""
        if reason.is_failure:
            print(f"refused: {reason}", flush=True)
            return
        client.subscribe([(self.topic(leaf), 1) for leaf in ("config", "program", "command")])
        if self.config:
            client.subscribe([(topic, 1) for topic in self.zone_topics()])
        client.publish(self.topic("availability"), "online", qos=1, retain=True)
        self.tick(must_say=True)

    def arrived(self, client, userdata, message):
        """Take a message; what cannot be read is dropped."""
        leaf = message.topic.rsplit("/", 1)[1]
        try:
            new = json.loads(message.payload) if message.payload else None
            if leaf == "command":
                if not message.retain:
                    self.take_command(new)
                return
            if leaf == "config":
                self.take_config(new)
            elif leaf == "program" and message.topic == self.topic("program"):
                self.own = self.newer(self.own, checked_program(new))
            elif leaf == "program" and self.config and message.topic == self.zone_topics()[0]:
                self.zones = self.newer(self.zones, checked_program(new))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            print(f"dropped a bad {leaf}: {error!r}", flush=True)
            return
        kept = {"config": self.config, "own": self.own, "zones": self.zones}
        fresh = self.store.with_suffix(".new")  # never half a file, should the power fail now
        fresh.write_text(json.dumps(kept))
        fresh.replace(self.store)
        self.tick()

    @staticmethod
    def newer(held, new):
        """The document of the higher revision; None (an empty payload) clears."""
        if new is None:
            return None
        return new if held is None or new["rev"] > held["rev"] else held

    def take_config(self, new):
        """Follow a config, to another zone too."""
        before = self.config
        if new is not None:
            _ = new["zone"] + ""
            _ = [new[k] + 0.0 for k in ("scale", "floor", "failsafe_level", "power_on_level")]
        left = self.zone_topics() if before else []
        self.config = self.newer(before, new)
        here = self.zone_topics() if self.config else []
        if left != here:
            self.zones = None
            if left:
                self.client.unsubscribe(left)
            if here:
                self.client.subscribe([(topic, 1) for topic in here])

    def take_command(self, new):
        """Accept a command that is new and in time."""
        if not new["start"] <= time.time() < new["expires_at"] or new["rev"] < self.command_rev:
            return
        if new["rev"] > self.command_rev:
            if new.get("level") is not None:
                self.command = {"level": float(new["level"]), "expires_at": new["expires_at"]}
            elif new.get("resume"):
                self.command = None
            self.command_rev, self.command_id = new["rev"], new["command_id"]
        self.tick(must_say=bool(new.get("report")))

    # --- what it does

    def decide(self, now):
        """Level and source by the table of section 5."""
        config = self.config or {"rev": 0, "scale": 1, "floor": 0, "failsafe_level": 100}
        program = self.own or self.zones
        revs = {"rev": config["rev"], "program_rev": program["rev"] if program else 0}
        if self.command and now >= self.command["expires_at"]:
            self.command = None
        if self.command:
            return {**revs, "level": self.command["level"], "source": "command"}
        if not program:
            return {**revs, "level": config["failsafe_level"] or 100, "source": "failsafe"}
        level, is_failsafe = program_level(program, now)
        if level > 0 and not is_failsafe:
            level = min(100, max(level * config["scale"], config["floor"]))
        return {**revs, "level": level, "source": "failsafe" if is_failsafe else "program"}

    def tick(self, *, must_say=False):
        """Turn the gear to what holds now (here: print it) and say so where it is new."""
        new = {**self.decide(time.time()), "command_id": self.command_id, "faults": []}
        if new != self.said:
            self.at_ms = int(time.time() * 1000)
            print(f"level {new['level']:g} % by {new['source']}", flush=True)
        if (new != self.said or must_say) and self.client.is_connected():
            payload = json.dumps({**new, "at_ms": self.at_ms})
            self.client.publish(self.topic("state"), payload, qos=1, retain=True)
        self.said = new


def checked_program(new):
    """A program that can be followed: one that cannot must not replace one that can."""
    if new is None:
        return None
    points = [[at + 0, level + 0.0, ramp_s + 0] for at, level, ramp_s in new["points"]]
    instants = [at for at, _, _ in points]
    rises = instants == sorted(set(instants)) and instants[0] <= new["valid_from"]
    if not rises or not new["valid_from"] < new["valid_until"]:
        raise ValueError("points or validity out of order")
    return {**new, "points": points, "failsafe_level": new["failsafe_level"] + 0.0}


def program_level(program, now):
    """Level of a program at an instant, and whether it is the last night repeated."""
    points, until = program["points"], program["valid_until"]
    if now < until:
        passed = [level for at, level, _ in points if at <= now]
        return (passed[-1] if passed else points[0][1]), False
    lit = program["failsafe_level"] or 100
    ends = [at for at, _, _ in points[1:]] + [until]
    stretches = []
    for (at, level, _), end in zip(points, ends, strict=True):
        if level > 0 and at < until:
            joins = bool(stretches) and stretches[-1][1] == at
            begin = stretches.pop()[0] if joins else at
            stretches.append((begin, min(end, until)))
    off = stretches[-1][1] if stretches else until
    begins = [begin for begin, _ in stretches if begin > off - DAY_S]
    if not begins:
        return lit, True
    return (lit if (now - begins[0]) % DAY_S < off - begins[0] else 0), True


def main():
    """Connect, again and again, and follow the program all the while."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--broker", default="127.0.0.1")
    options.add_argument("--port", type=int, default=1883)
    options.add_argument("--username")
    options.add_argument("--password")
    options.add_argument("--site", required=True)
    options.add_argument("--id", required=True)
    options.add_argument("--store", type=Path, default=Path("luminaire.json"))
    given = options.parse_args()
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"luminaire-{given.id}")
    client.username_pw_set(given.username, given.password)
    luminaire = Luminaire(client, f"lamplighter/v1/{given.site}", given.id, given.store)
    client.on_connect, client.on_message = luminaire.connected, luminaire.arrived
    client.will_set(luminaire.topic("availability"), "offline", qos=1, retain=True)
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
