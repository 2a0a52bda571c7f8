"""Series on standard input, one JSON object a line -> the rivals' paths and times on standard output, likewise.

In:  {"id", "period", "week", "start", "values": counts without gaps, "ahead", "models": [...]}; `week` is 0 below two
     weeks.
Out: {"id", "model", "path": [...], "seconds" of the processor}; a rival that fails: {"id", "model", "failure", "seconds"}.
Counts go in as they are, or as log(1 + count) for a name that ends in "-log", and come out as counts.
"""
import json
import logging
import os
import sys
import warnings

import numpy as np
import pandas as pd
from prophet import Prophet
from statsforecast.models import MSTL, AutoETS, AutoTheta, SeasonalNaive

warnings.filterwarnings("ignore")
for noisy in ("prophet", "cmdstanpy"):
    logging.getLogger(noisy).setLevel(logging.ERROR)


def spent():
    """Seconds of the processor, with those of the program that fits Prophet."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def season(job):
    return [job["period"], job["week"]] if job["week"] else [job["period"]]


def prophet(job, values):
    step = pd.Timedelta(days=1) / job["period"]
    times = pd.Timestamp(job["start"]) + step * np.arange(len(values) + job["ahead"])
    weekly = bool(job["week"])
    model = Prophet(daily_seasonality=True, weekly_seasonality=weekly, yearly_seasonality=False, uncertainty_samples=0)
    model.fit(pd.DataFrame({"ds": times[: len(values)], "y": values}))
    return model.predict(pd.DataFrame({"ds": times[len(values) :]}))["yhat"].to_numpy()


def stats(make):
    return lambda job, values: make(job).forecast(y=values, h=job["ahead"])["mean"]


rivals = {
    "SeasonalNaive-day": stats(lambda job: SeasonalNaive(season_length=job["period"])),
    "SeasonalNaive-week": stats(lambda job: SeasonalNaive(season_length=season(job)[-1])),
    "AutoETS": stats(lambda job: AutoETS(season_length=job["period"])),
    "AutoTheta": stats(lambda job: AutoTheta(season_length=job["period"])),
    "MSTL": stats(lambda job: MSTL(season_length=season(job))),
    "Prophet": prophet,
}


def run(job, name):
    logs = name.endswith("-log")
    values = np.asarray(job["values"], dtype=float)
    began = spent()
    try:
        path = rivals[name.removesuffix("-log")](job, np.log1p(values) if logs else values)
        path = np.expm1(np.minimum(path, 50)) if logs else np.asarray(path)
        if not np.isfinite(path).all():
            raise ValueError("its forecast is not finite")
        answer = {"path": np.maximum(path, 0).tolist()}
    except Exception as error:  # a rival may fail on a series; it is counted and said
        answer = {"failure": f"{type(error).__name__}: {error}"[:300]}
    return {"id": job["id"], "model": name, **answer, "seconds": spent() - began}


for line in sys.stdin:
    asked = json.loads(line)
    for rival in asked["models"]:
        print(json.dumps(run(asked, rival)), flush=True)
