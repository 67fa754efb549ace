#!/usr/bin/env bash
# Takes runs over from a real MLflow server and exports bundles to it, with MLflow's own client on the other side.
#
#     scripts/test-mlflow.sh [RETRIAL]     (default: target/release/retrial)
#
# Needs Python 3.10 or newer with venv, and PyPI. The server is its own, on a free port, and ends with it. An environment
# that has MLflow (with `auth`) already is taken where MLFLOW_ENVIRONMENT names one.
set -euo pipefail
cd "$(dirname "$0")/.."

version=3.17.2
retrial=$(realpath "${1:-target/release/retrial}")
python=${PYTHON:-python3}
quick=$PWD/reports/quick

scratch=$(mktemp -d)
server=
cleanup() {
  # The server and all it started are this script's own, in a process group of their own.
  if [ -n "$server" ]; then
    kill -TERM -- "-$server" 2>/dev/null || true
    for _ in $(seq 50); do kill -0 -- "-$server" 2>/dev/null || break; sleep 0.1; done
    kill -KILL -- "-$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

fail() {
  printf 'test-mlflow.sh: %s\n' "$1" >&2
  tail -n 20 "$scratch"/*.log >&2 2>/dev/null || true
  exit 1
}

test -x "$retrial" || fail "there is no $retrial: cargo build --release"
environment=${MLFLOW_ENVIRONMENT:-$scratch/environment}
if [ ! -x "$environment/bin/mlflow" ]; then
  "$python" -m venv "$environment" || fail 'cannot make an environment; on Debian, install python3-venv'
  "$environment/bin/python" -m pip install --quiet "mlflow[auth]==$version"
fi

# What whoever runs this has set is not for this server, and what is on this machine needs no proxy.
unset MLFLOW_TRACKING_URI MLFLOW_TRACKING_TOKEN
export MLFLOW_TRACKING_USERNAME=admin MLFLOW_TRACKING_PASSWORD=of-this-test-alone
export MLFLOW_AUTH_CONFIG_PATH=$scratch/auth.ini MLFLOW_FLASK_SERVER_SECRET_KEY=of-this-test-alone
export MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT=true NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
cd "$scratch"
cat > auth.ini <<END
[mlflow]
default_permission = READ
database_uri = sqlite:///$scratch/auth.db
admin_username = $MLFLOW_TRACKING_USERNAME
admin_password = $MLFLOW_TRACKING_PASSWORD
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
# Else every call waits for the password's hash.
auth_cache_ttl_seconds = 3600
END
port=$("$environment/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port
setsid "$environment/bin/mlflow" server --host 127.0.0.1 --port "$port" --workers 1 --app-name basic-auth \
  --backend-store-uri "sqlite:///$scratch/store.db" --artifacts-destination "$scratch/artifacts" > server.log 2>&1 &
server=$!

# With the server's address, and what follows.
client() { "$environment/bin/python" client.py "$url" "$@" || fail "client.py $*"; }
# Runs retrial, which must end with this code; what it says is in said.log.
expect() { # code, arguments
  local expected=$1 code=0
  shift
  "$retrial" "$@" > said.log 2>&1 || code=$?
  [ "$code" = "$expected" ] || fail "retrial $* ended with $code instead of $expected"
}
says() { grep -qF -- "$1" said.log || fail "retrial did not say: $1"; }

cat > client.py <<'END'
"""MLflow's own client: logs runs, and looks at what became of them. Figures are by formula, so that both sides know them."""
import csv
import json
import math
import pathlib
import sys
import time
import urllib.request

from mlflow import MlflowClient
from mlflow.entities import Metric, ViewType

url, what, *rest = sys.argv[1:]
client = MlflowClient(url)
SWEEP = "sweep <é>"
LONG = 25_010  # more than the server gives in a page of a curve


def accuracy(model, seed, step):
    return {"tree": 0.5, "deep forest": 0.7}[model] + seed / 1000 + step / 100


def wait():
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{url}/health", timeout=1)
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("the server does not start")


def log():
    experiment = client.create_experiment(SWEEP)

    def start(name, **params):
        run = client.create_run(experiment, run_name=name).info.run_id
        for key, value in params.items():
            client.log_param(run, key, value)
        return run

    for model in ["tree", "deep forest"]:
        for seed in [1, 2, 3]:
            run = start(f"{model} {seed}", model=model, random_state=seed, depth=7)
            for step in range(5):
                client.log_metric(run, "val acc", accuracy(model, seed, step), step=step)
            # Of two values at a step, the one of the later time counts, whichever was logged last.
            client.log_metric(run, "loss", 0.25, step=4, timestamp=2000)
            client.log_metric(run, "loss", 0.75, step=4, timestamp=1000)
            client.log_metric(run, "loss", math.nan, step=2)
            client.log_metric(run, "loss", math.inf, step=3)
            client.log_metric(run, "test/acc", accuracy(model, seed, 9))
            if (model, seed) == ("tree", 1):
                for first in range(0, LONG, 1000):
                    steps = range(first, min(first + 1000, LONG))
                    client.log_batch(run, metrics=[Metric("lr", 1 / (1 + step), 1, step) for step in steps])
            client.set_terminated(run)
    for status in ["FAILED", "KILLED"]:
        run = start(status.lower(), model="tree", random_state=9)
        client.log_metric(run, "val acc", 0.0)
        client.set_terminated(run, status)
    client.log_metric(start("unfinished", model="tree"), "val acc", 0.0)
    client.set_terminated(start("empty", model="tree"))
    gone = start("gone", model="tree")
    client.log_metric(gone, "val acc", 0.0)
    client.set_terminated(gone)
    client.delete_run(gone)


def table(path):
    return list(csv.DictReader(open(path, encoding="utf-8")))


def taken(folder):
    rows = table(f"{folder}/results.csv")
    assert set(rows[0]) == {"variant", "seed", "step", "loss", "test/acc", "val_acc", "lr"}, rows[0]
    for model, variant in [("tree", "tree"), ("deep forest", "deep-forest")]:
        for seed in [1, 2, 3]:
            own = {int(row["step"]): row for row in rows if (row["variant"], row["seed"]) == (variant, str(seed))}
            is_long = (variant, seed) == ("tree", 1)
            assert len(own) == (LONG if is_long else 5), (variant, seed, len(own))
            for step in range(5):
                assert float(own[step]["val_acc"]) == accuracy(model, seed, step), own[step]
            assert math.isnan(float(own[2]["loss"])) and float(own[3]["loss"]) == math.inf, own
            last = own[max(own)]
            assert float(own[4]["loss"]) == float(last["loss"]) == 0.25, last
            assert float(last["test/acc"]) == accuracy(model, seed, 9), last
            if is_long:
                assert all(float(own[step]["lr"]) == 1 / (1 + step) for step in range(LONG))


def verdict(folder):
    claims = json.load(open(f"{folder}/claims.json", encoding="utf-8"))["claims"]
    assert [claim["verdict"] for claim in claims] == ["supported", "refuted"], claims
    # By hand: 0.7 - 0.5, whatever seed and step.
    assert abs(claims[0]["estimate"] - 0.2) < 1e-12, claims


def runs_of(name, view=ViewType.ACTIVE_ONLY):
    experiment = client.get_experiment_by_name(name)
    return {run.info.run_name: run for run in client.search_runs([experiment.experiment_id], run_view_type=view)}


def exported(name, bundle):
    """Every finished trial of the bundle is a run with the same figures."""
    runs = runs_of(name)
    trials = sorted(pathlib.Path(bundle).glob("trials/*/*/trial.json"))
    assert len(runs) == len(trials) > 0, (runs, trials)
    digest = __import__("hashlib").sha256(pathlib.Path(bundle, "manifest.json").read_bytes()).hexdigest()
    for path in trials:
        trial = json.loads(path.read_text())
        run = runs[f"{trial['variant']}/{trial['seed']}"]
        tags, params = run.data.tags, run.data.params
        assert tags["retrial.key"] == trial["key"]["digest"], tags
        assert tags["retrial.bundle"] == digest and tags["retrial.verified"] == "digests", tags
        assert (params["variant"], params["seed"]) == (trial["variant"], str(trial["seed"])), params
        has_diverged = trial["outcome"]["status"] != "completed"
        assert run.info.status == ("FAILED" if has_diverged else "FINISHED"), run.info
        assert tags["retrial.outcome"].startswith("diverged" if has_diverged else "completed"), tags
        place = json.loads(path.with_name("environment.json").read_text())
        assert abs(run.info.end_time - run.info.start_time - 1000 * place["elapsed_seconds"]) <= 1, run.info
        expected = {}
        for line in path.with_name("metrics.jsonl").read_text().splitlines():
            point = json.loads(line)
            step = point.pop("epoch", None) or point.pop("step")
            for metric, value in point.items():
                expected.setdefault(metric, []).append((step, math.nan if value is None else value))
        assert set(run.data.metrics) - {"wall_time", "peak_memory"} == set(expected), run.data.metrics
        for metric, values in expected.items():
            history = [(value.step, value.value) for value in client.get_metric_history(run.info.run_id, metric)]
            assert repr(sorted(history)) == repr(values), (run.info.run_name, metric, history, values)


def params(name, trial, *pairs):
    own = runs_of(name)[trial].data.params
    for pair in pairs:
        key, value = pair.split("=")
        assert own.get(key) == value, (pair, own)


def halve(name, trial):
    """As an export leaves it that was killed in the midst of a run."""
    client.update_run(runs_of(name)[trial].info.run_id, status="RUNNING")


def same(one, other):
    """The final figures of two bundles, whatever else they say."""
    def key(row):
        return (row["variant"].replace("_", "-"), row["seed"])

    names = ["val_accuracy", "val_loss", "train_accuracy", "train_loss"]
    figures = [{key(row): [row[name] for name in names] for row in table(f"{folder}/results.csv")} for folder in (one, other)]
    assert figures[0] == figures[1] and len(figures[0]) > 1 and all(all(own) for own in figures[0].values()), figures


globals()[what](*rest)
END

echo 'mlflow: a server starts, and its own client logs runs'
client wait
client log

echo 'mlflow: runs are taken over, by those who may'
MLFLOW_TRACKING_PASSWORD=another expect 13 import "$url" --experiment 'sweep <é>' --variant model --out taken
says 'with 401 Unauthorized'
says 'MLFLOW_TRACKING_TOKEN'
expect 2 import "$url"
says 'sweep <é>'
expect 4 import "$url" --experiment sweeps
says 'sweep <é>'
expect 13 import "$url/elsewhere" --experiment sweep
says 'no MLflow server'
expect 0 import "$url" --experiment 'sweep <é>' --variant model --out taken
says '6 trials of 2 variants, with 4 metrics'
says 'Left out, 5 of 11 runs:'
for said in 'failed (' ') is FAILED' 'killed (' ') is KILLED' 'unfinished (' ') is RUNNING' 'empty (' 'has no metrics' 'gone (' 'was deleted'; do
  says "$said"
done
client taken taken
grep -qF "# Taken over by \`retrial import\` from $url, experiment sweep <é> (id 1)." taken/article.yaml || fail 'article.yaml does not say where it is from'

echo 'mlflow: claims are put to what was taken over'
cat >> taken/article.yaml <<'END'
claims:
  - {id: better, says: Forests are better., test: {metric: val_acc, of: deep-forest, minus: tree, above: 0.1}, must: supported}
  - {id: worse, says: Forests are worse., test: {metric: val_acc, of: deep-forest, minus: tree, below: 0}}
END
expect 0 run taken/article.yaml --out judged --gate
client verdict judged
sed -i 's/below: 0}/&, must: supported/' taken/article.yaml
expect 9 run taken/article.yaml --out judged --gate
expect 0 verify judged

echo 'mlflow: a bundle of networks is exported, once'
expect 0 export mlflow "$quick" --to "$url" --experiment networks
says '12 trials exported'
client exported networks "$quick"
client params networks bn/1 model.norm.kind=batch train.batch_size=16 model.dropout=none
expect 0 export mlflow "$quick" --to "$url" --experiment networks
says '0 trials exported'
says 'There already, and left as they are: 12'
client exported networks "$quick"
client halve networks bn/1
expect 0 export mlflow "$quick" --to "$url" --experiment networks
says 'Half written by an earlier export, and now whole: 1'
client exported networks "$quick"

echo 'mlflow: what was exported comes back the same'
expect 0 import "$url" --experiment networks --out back
expect 0 run back/article.yaml --out again
client same "$quick" again

echo 'mlflow: programs are exported as they ended'
cat > programs.yaml <<'END'
schema: 1
title: Programs
trainer: {command: [sh, -c, 'echo "step 1 score: 0.5"; echo "step 2 score: {params.end}"']}
metrics: {score: {better: higher}}
seeds: [1, 2]
variants:
  - {id: fine, params: {end: 0.75}}
  - {id: lost, params: {end: nan}}
END
expect 0 run programs.yaml
export MLFLOW_TRACKING_URI=$url
expect 0 export mlflow runs/programs
says '4 trials exported'
client exported programs runs/programs
client params programs lost/2 params.end=nan
expect 0 import "$url" --experiment programs --out programs
says 'Left out, 2 of 4 runs:'
says 'is FAILED, diverged'
echo >> runs/programs/trials/fine/seed-1/metrics.jsonl
expect 6 export mlflow runs/programs
says 'trials/fine/seed-1/metrics.jsonl in runs/programs is not what the manifest says'

if grep -rqF "$MLFLOW_TRACKING_PASSWORD" taken back again programs runs judged; then fail 'a password was written down'; fi

echo 'mlflow: done'
