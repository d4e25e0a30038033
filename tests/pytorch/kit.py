"""Runs the kit's jobs (kit/main.cc) and judges what they made."""
import copy
import json
import math
import pathlib
import shutil
import subprocess

from safetensors.torch import load_file, save_file

from measure import Measure


class NoPlant:
    """Nothing is planted: what the kit is given and what it made stay as they are."""

    def before(self, job, files):
        pass

    def after(self, made):
        pass


def write_files(job, files, folder, number):
    for key, content in files.items():
        many = content if isinstance(content, list) else [content]
        names = [str(folder / f"{number}.{key}.{i}.safetensors") for i in range(len(many))]
        for name, tensors in zip(names, many):
            save_file({n: t.contiguous() for n, t in tensors.items()}, name, metadata={"format": "pt"})
        job[key] = names if isinstance(content, list) else names[0]


def run(trials, program, folder, plant=NoPlant()):
    """All measures of all trials. A job that ended in an error is one that failed."""
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    jobs = []
    for number, trial in enumerate(trials):
        job, files = copy.deepcopy(trial.job())  # what is planted stays out of the trial
        plant.before(job, files)
        write_files(job, files, folder, number)
        jobs.append({**job, "out": str(folder / f"{number}.made.safetensors")})
    (folder / "jobs.json").write_text(json.dumps(jobs))
    if subprocess.run([program, str(folder / "jobs.json")]).returncode not in (0, 1):
        print("the kit's program has not done all jobs")
    return [m for trial, job in zip(trials, jobs) for m in judged(trial, job["out"], plant)]


def judged(trial, out, plant):
    try:
        made = load_file(out)
        plant.after(made)
        measures = list(trial.judge(made))
    except (FileNotFoundError, KeyError) as missing:  # the job ended in an error, or left out a tensor
        measures = [Measure(trial.group, (("", f"nothing: {missing}"),), math.inf, bound=0.0)]
    if not all(m.holds for m in measures):
        errors = ", ".join(f"{m.group} {m.error:.2e} (bound {m.bound:.0e})" for m in measures if not m.holds)
        print(f"FAILED {type(trial).__name__} {trial}: {errors}")
    return measures
