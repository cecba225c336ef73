"""Texts that are written by filling in a form: the same words every day, another story each time."""

from __future__ import annotations

import random

CLUBS = (
    "Basel", "Zürich", "Luzern", "Bern", "Genf", "Lugano", "Sion", "Thun", "Winterthur", "Servette", "Aarau",
    "Kriens", "Wil", "Vaduz",
)  # fmt: skip
TOWNS = (
    "Hamburg", "Berlin", "München", "Köln", "Wien", "Graz", "Zürich", "Basel", "Leipzig", "Dresden", "Bremen",
    "Kiel", "Linz",
)  # fmt: skip
COMPANIES = (
    "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gum", "Hazel", "Ivy", "Juniper", "Larch", "Maple", "Oak",
    "Pine",
)  # fmt: skip
SIGNS = (
    "Widder", "Stier", "Zwillinge", "Krebs", "Löwe", "Jungfrau", "Waage", "Skorpion", "Schütze", "Steinbock",
    "Fische",
)  # fmt: skip


def result(rng: random.Random) -> str:
    home, away = rng.sample(CLUBS, 2)
    return (
        f"Der FC {home} hat am {rng.choice(['Samstag', 'Sonntag', 'Mittwoch'])} sein Spiel der {rng.randint(1, 36)}. "
        f"Runde gegen den FC {away} mit {rng.randint(0, 5)}:{rng.randint(0, 5)} beendet. Vor "
        f"{rng.randint(2000, 30000)} Zuschauern fiel das erste Tor in der {rng.randint(1, 90)}. Minute. In der Tabelle "
        f"steht der FC {home} jetzt auf Platz {rng.randint(1, 12)}, der FC {away} auf Platz {rng.randint(1, 12)}. "
        f"Gelbe Karten gab es in der {rng.randint(1, 45)}. und in der {rng.randint(46, 90)}. Minute. Das nächste Spiel "
        f"bestreitet der FC {home} am kommenden Wochenende auswärts. Angeführt wird die Tabelle weiterhin vom FC "
        f"{rng.choice(CLUBS)}."
    )


def weather(rng: random.Random) -> str:
    town = rng.choice(TOWNS)
    sky = rng.choice(["sonnig", "bewölkt", "regnerisch", "neblig", "wechselhaft"])
    return (
        f"Das Wetter in {town} und Umgebung: Am {rng.choice(['Montag', 'Dienstag', 'Freitag'])} bleibt es {sky}, die "
        f"Höchstwerte liegen bei {rng.randint(-5, 35)} Grad. In der Nacht gehen die Temperaturen auf "
        f"{rng.randint(-12, 18)} Grad zurück. Der Wind weht mit Böen bis {rng.randint(10, 90)} Kilometern in der "
        f"Stunde. Die Wahrscheinlichkeit von Niederschlag beträgt {rng.randint(0, 100)} Prozent. Die Sonne geht um "
        f"{rng.randint(5, 8)}.{rng.randint(10, 59)} Uhr auf und um {rng.randint(16, 21)}.{rng.randint(10, 59)} Uhr "
        "unter. Für die nächsten Tage rechnen die Meteorologen mit wenig Änderung."
    )


def market(rng: random.Random) -> str:
    return (
        f"The {rng.choice(['DAX', 'SMI', 'FTSE 100', 'CAC 40'])} ended {rng.choice(['higher', 'lower'])} on "
        f"{rng.choice(['Monday', 'Tuesday', 'Thursday', 'Friday'])} at {rng.randint(5000, 40000)} points, a move of "
        f"{rng.randint(0, 3)}.{rng.randint(10, 99)} percent. Shares of {rng.choice(['Nestle', 'Roche', 'SAP'])} "
        f"added {rng.randint(0, 6)}.{rng.randint(1, 9)} percent while {rng.choice(['Bayer', 'BMW', 'BP'])} gave up "
        f"{rng.randint(0, 6)}.{rng.randint(1, 9)} percent. Volume was {rng.randint(10, 90)} million shares. The euro "
        f"stood at 1.{rng.randint(1000, 1900)} dollars. Dealers said investors were waiting for the central bank. "
        f"The yield of ten-year bonds was {rng.randint(0, 4)}.{rng.randint(10, 99)} percent, and a barrel of Brent "
        f"cost {rng.randint(50, 110)}.{rng.randint(10, 99)} dollars."
    )


def earnings(rng: random.Random) -> str:
    def money() -> str:
        return f"{rng.randint(1, 99)},{rng.randint(100, 999)},{rng.randint(100, 999)}"

    name = rng.choice(COMPANIES)
    return (
        f"{name} Corp said its {rng.choice(['first', 'second', 'third', 'fourth'])} quarter net was {money()} dlrs or "
        f"{rng.randint(1, 99)} cts a share against {money()} dlrs or {rng.randint(1, 99)} cts a share a year earlier. "
        f"Revenues were {money()} dlrs against {money()} dlrs. For the year net was {money()} dlrs against {money()} "
        f"dlrs and revenues were {money()} dlrs. It said the results include a one-time gain of {money()} dlrs "
        f"from the sale of assets. Average shares outstanding were {money()}."
    )


def horoscope(rng: random.Random) -> str:
    sign = rng.choice(SIGNS)
    return (
        f"Das Horoskop des Tages für {sign}: In der Liebe sollten Sie heute {rng.choice(['offen', 'mutig', 'ruhig'])} "
        f"sein, denn die Sterne stehen {rng.choice(['günstig', 'ungünstig'])}. Im Beruf erwartet Sie "
        f"{rng.choice(['eine Überraschung', 'ein Streit', 'Anerkennung', 'viel Arbeit'])}. Gesundheitlich fühlen Sie "
        f"sich {rng.choice(['fit', 'müde', 'gut'])} und sollten auf {rng.choice(['Schlaf', 'Essen', 'Bewegung'])} "
        f"achten. Ihre Glückszahl ist die {rng.randint(1, 49)}. Am Abend tut es gut, Zeit mit "
        f"{rng.choice(['Freunden', 'der Familie', 'sich selbst'])} zu verbringen. Die Redaktion wünscht alles Gute."
    )


TEMPLATES = (result, weather, market, earnings, horoscope)
