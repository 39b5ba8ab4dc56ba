"""What a luminaire's light should be by docs/wire.md 5, and which documents it can follow."""

DAY_S = 86_400
FACTORY = {"scale": 1, "floor": 0, "failsafe_level": 100}


def percent(value):
    """A level; raises where it is none."""
    if not 0 <= value + 0 <= 100:
        raise ValueError(f"{value} is no level")
    return value


def checked(kind, new):
    """A document that can be followed; raises for one that cannot: it must replace nothing."""
    if kind == "config":
        _ = new["zone"] + "", new["scale"] + 0, percent(new["floor"])
        _ = percent(new["failsafe_level"]), percent(new["power_on_level"])
        return new
    points = [(at + 0, percent(level), ramp_s + 0) for at, level, ramp_s in new["points"]]
    instants = [at for at, _, _ in points]
    rises = instants == sorted(set(instants)) and instants[0] <= new["valid_from"]
    if not rises or not new["valid_from"] < new["valid_until"]:
        raise ValueError("points or validity out of order")
    return {**new, "failsafe_level": percent(new["failsafe_level"])}


def light(config, program, command, now):
    """Level and source at an instant, by the table of section 5."""
    config = config or FACTORY
    if command and now < command["expires_at"]:
        return command["level"], "command"
    if not program:
        return config["failsafe_level"] or 100, "failsafe"
    if now >= program["valid_until"]:
        return last_night(program, now), "failsafe"
    points = program["points"]
    level = ([level for at, level, _ in points if at <= now] or [points[0][1]])[-1]
    lit = min(100, max(level * config["scale"], config["floor"]))
    return lit if level else 0, "program"


def last_night(program, now):
    """Level of a program that ran out: its last night's on and off, every day."""
    points, until = program["points"], program["valid_until"]
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
        return lit
    return lit if (now - begins[0]) % DAY_S < off - begins[0] else 0
