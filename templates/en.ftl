### The fixed texts of reports and sites, in the language they are written in first.
###
### A translation is a file of this form with the same names, called after its language (BCP 47): `fr.ftl`. What it lacks
### is taken from here. Values stand in braces; `code` and **strong** are set as such. The syntax is that of Fluent,
### https://projectfluent.org/fluent/guide/.

## Numbers, lists and ranges

points = { $value } points
decades = { $value } decades
not-finite = not finite
quoted = “{ $name }”
range = { $lower } to { $upper }
list-separator = { ", " }
list-end = { $init } and { $last }
clause-separator = { "; " }
count-claim = { $n ->
    [one] { $count } claim
   *[other] { $count } claims
}
count-completed-trial = { $n ->
    [one] { $count } completed trial
   *[other] { $count } completed trials
}
count-core = { $n ->
    [one] { $count } core
   *[other] { $count } cores
}
count-epoch = { $n ->
    [one] { $count } epoch
   *[other] { $count } epochs
}
count-layer = { $n ->
    [one] { $count } layer
   *[other] { $count } layers
}
count-measurement = { $n ->
    [one] { $count } measurement
   *[other] { $count } measurements
}
count-pair = { $n ->
    [one] { $count } pair
   *[other] { $count } pairs
}
count-planned-trial = { $n ->
    [one] { $count } planned trial
   *[other] { $count } planned trials
}
count-round = { $n ->
    [one] { $count } round
   *[other] { $count } rounds
}
count-sample = { $n ->
    [one] { $count } sample
   *[other] { $count } samples
}
count-seed = { $n ->
    [one] { $count } seed
   *[other] { $count } seeds
}
count-thread = { $n ->
    [one] { $count } thread
   *[other] { $count } threads
}
count-variant = { $n ->
    [one] { $count } variant
   *[other] { $count } variants
}

## Pages of a report

page-skip = Skip to the answer

# In these four, line breaks stand for the spaces between words on the page.
page-trial-of =
    A new trial of
    { $article }
page-trial-of-by =
    A new trial of
    { $article }
    by { $author }
page-trial-of-published =
    A new trial of
    { $article }
    ({ $published })
page-trial-of-by-published =
    A new trial of
    { $article }
    by { $author }
    ({ $published })
page-new-trial-of = A new trial of { $article }.
page-new-trial-of-by = A new trial of { $article } by { $author }.
page-new-trial-of-published = A new trial of { $article } ({ $published }).
page-new-trial-of-by-published = A new trial of { $article } by { $author } ({ $published }).
page-variants = Variants
page-seeds-each = Seeds each
page-trials-completed = Trials completed
page-trials-diverged = Trials diverged
page-chance-level = Chance level
page-of = { $part } of { $whole }
page-extent = { $n ->
    [one] { $variants } variants, { $seeds } seed each; { $completed } of { $planned } trials completed.
   *[other] { $variants } variants, { $seeds } seeds each; { $completed } of { $planned } trials completed.
}

# What a figure has beside it in brackets, a term and what it is, and what an estimate rests on.
page-aside = { $what } ({ $aside })
page-labelled = { $label }: { $value }
page-estimate-over = { $estimate }, { $seeds }
page-no-interval = { $seeds } seed, no interval

# Headings.
page-on-this-page = On this page
page-answer = Answer
page-claims = Claims and verdicts
page-results = Results
page-results-and-curves = Results and learning curves
page-learning = Does it learn?
page-why = Why
page-causes = What decides it
page-inside = Inside the networks
page-throughput = Throughput
page-comparisons = Comparisons
page-one-setting = One setting at a time
page-against-source = Against the source’s figures
page-every-figure = Every figure
page-evidence = Evidence for each claim
page-limits = Deviations and limits
page-departures = Departures from the source
page-not-concluded = What cannot be concluded
page-check = Reproduce and check
page-run = What was run
page-data = Data
page-environment = Environment
page-trials = Every trial

# Heads of columns.
page-variant = Variant
page-claim = Claim
page-source = Source
page-here = Here
page-verdict = Verdict
page-reported = Reported
page-here-minus-reported = Here − reported
page-one-more-trial = One more trial
page-reported-is = Reported is
page-figure = Figure
page-against-chance = Against chance
page-validation-accuracy = Validation accuracy
page-seed = Seed
page-seeds = Seeds
page-number-of-trials = Trials
page-parameters = Parameters
page-minus = minus
page-setting = Setting
page-value = Value
page-difference = Difference
page-interval = Interval
page-class = Class
page-training = Training
page-test = Test
page-network = Network
page-network-with = MobileNetV2 with
page-description = Description
page-name-in-files = Name in files
page-status = Status
page-steps = Steps
page-val-accuracy = Val. accuracy
page-val-loss = Val. loss
page-train-accuracy = Train. accuracy
page-train-loss = Train. loss
page-trial-key = Trial key

# Of the table of probes, on the page and in Markdown.
page-signal = Signal in the pooled features
page-before-training = before training
page-after = after
page-faint-from = faint from
page-gradient = Gradient of the first convolution
page-variance-ratio = Variance ratio behind convolutions
page-depthwise = depthwise
page-pointwise = pointwise
page-reestimation-gain = gain by new statistics
page-silenced-updates = Silenced updates
page-classifier = classifier
page-convolutions = convolutions
page-features-before = Features before training
page-features-after = Features after
page-first-gradient = First convolution’s gradient
page-depthwise-ratio = Depthwise ratio
page-pointwise-ratio = Pointwise ratio
page-silenced-classifier = Silenced, classifier
page-silenced-convolutions = Silenced, convolutions
page-nowhere = nowhere
page-trials-counted = { $n ->
    [one] { $trials } trial
   *[other] { $trials } trials
}

# Of the tables of throughput.
page-batch-and-pixels = Batch, pixels
page-rate = images/s
page-training-rate = Training, images/s
page-inference-rate = Inference, images/s
page-step-time = ms per step
page-cost-of-step = cost of a step
page-peak-memory = Peak memory
page-share-of-ceiling = Share of the ceiling
page-share-in-training = Share of the ceiling, training
page-in-training = training
page-in-inference = inference
page-rounds-marked = Rounds marked

# Of the environment.
page-engine = Engine
page-processor = Processor
page-processor-cores = { $processor }, { $cores }
page-memory = Memory
page-gibibytes = { $value } GiB
page-system = System
page-compiler = Compiler
page-self-test = Self-test

# Claims.
page-claims-caption = What the source claims, and what { $completed } completed trials say about it. Each claim leads to its evidence.
page-claims-lead = What the source claims, and what { $completed } completed trials say about it.
page-no-figure = no figure
page-corrected-for = { $n ->
    [one] { $verdict } after Holm’s correction for { $claims } claim
   *[other] { $verdict } after Holm’s correction for { $claims } claims
}
page-corrected-for-all = { $verdict } after correction for all claims
page-corrected = { $verdict } after correction
page-demands = the experiment demands: { $verdict }
page-must-be = must be { $verdict }
page-changed = Changed after results existed:
page-verdicts-mean = Each trial is one training from scratch; trials of a variant differ only in their seed. **Supported**: the whole interval lies where the claim says. **Refuted**: the whole interval lies outside. **Inconclusive**: the data leave it open. Trials that diverged, failed or are missing are counted beside the verdict.
page-verdicts-mean-in-short = Each trial is one training from scratch; trials of a variant differ only in their seed. Supported: the whole interval lies where the claim says. Refuted: the whole interval lies outside. Inconclusive: the data leave it open.

# What GitHub makes of this heading is also the address of the claim’s evidence in report.md: letters, a number and spaces only.
page-claim-number = Claim { $number }
page-strips = In each strip, the shaded region is what the claim says; the mark with its bar is the mean over seeds with its interval; a hollow diamond is the source’s figure. A claim is supported where the whole bar lies in the region.
page-source-says = The source says
page-its-figures = Its figures
page-back-to-claims = Back to all claims
page-claim-unrounded = { $back }. Unrounded, under the name `{ $id }`, in `claims.json`.
page-name-in-claims = Name in `claims.json`: `{ $id }`

# Results.
page-results-caption = Validation accuracy after the last epoch: mean over completed seeds with its { $confidence } interval (Student’s t, cut where an accuracy cannot be).
page-results-lead = Validation accuracy after the last epoch: mean over completed seeds (with its { $confidence } interval: Student’s t, cut where an accuracy cannot be).
page-basis = by { $basis }
page-diverged = { $trials } diverged
page-failed = { $trials } failed
page-missing = { $trials } missing
page-trainable = { $parameters } trainable
page-chance-means = Chance is { $chance }, the share of the most frequent of { $classes } classes among { $images } test images. “Above chance” means that the whole interval lies above it, “at chance” that the interval reaches down to it and stays below { $ceiling }; the rest is inconclusive. The interval judged covers variation between seeds and the finite test set, or with one seed the test set alone.
page-chance-means-in-short = Chance is { $chance }, the share of the most frequent of { $classes } classes among { $images } test images. “Above chance” means that the whole interval lies above it, “at chance” that the interval reaches down to it and stays below { $ceiling }; the rest is inconclusive. The interval judged covers seeds and the finite test set, or with one seed the test set alone.
page-chance-unknown = No record of the images exists, so the chance level is not known.
page-findings-in-sentences = The table’s findings in sentences, one for each of the { $variants } variants

# What was measured inside, and how fast.
page-probes-caption = What was measured inside the networks: means over probed trials. Signals and gradients are root mean squares; ratios are those of variances with dropout on to off, after training; updates are entries of a single image’s gradient that are zero only because of the mask.
page-probes-lead = Means over probed trials. Signals and gradients are root mean squares; ratios are those of variances with dropout on to off, after training; silenced updates are entries of a single image’s gradient that are zero only because of the mask.
page-no-cause = Nothing was measured inside the networks, and no pair of variants singles out a setting.
page-throughput-caption = Each variant at its own batch and image size. Rates are medians over rounds with their { $confidence } intervals (bootstrap over rounds); the cost of a step is that of training, relative to the network with neither normalisation nor dropout, round by round. Peak memory is that of the whole process, and so the most that a variant can need.
page-shares-caption = Where the least time of a training step goes, by kind of layer: counted layer by layer from the network’s shapes and the measured ceilings, not timed.
page-shares-lead = Where the least time of a training step goes, counted layer by layer and not timed:

# Comparisons and limits.
page-pairs-caption = Differences in final validation accuracy between variants that differ in one setting, paired by seed, with their { $confidence } intervals.
page-has-against = { $minuend } against { $subtrahend }
page-paired-seeds = { $n ->
    [one] { $seeds } paired seed
   *[other] { $seeds } paired seeds
}
page-figures-caption = Every figure after the last epoch beside the source’s. Losses are mean cross-entropies in nats; “one more trial” is the { $confidence } range in which one further trial is expected.
page-figures-lead = Losses are mean cross-entropies in nats; “one more trial” is the { $confidence } range in which one further trial is expected.
page-too-few-seeds = too few seeds
page-inside-range = inside
page-outside-range = outside
page-no-departures = The experiment states none.
page-nothing-beyond = Nothing beyond the network, recipe and data named here.

# How to check a report, and what it was made of.
page-one-command = One command trains every variant with every seed and renders this page. A single trial is a pure function of its key: the same key gives the same trial.
page-one-command-for-report = One command trains every variant with every seed and renders this report. A single trial is a pure function of its key: the same key gives the same trial.
page-checking = Checking takes no trust in whoever published this report. In the folder that holds this page, the first command checks all records against each other, the second renders the page again from the records, byte for byte, and the third checks the data files with their digests below:
page-checking-report = Checking takes no trust in whoever published this report. In the folder that holds this file, the first command checks all records against each other, the second renders the report again from the records, byte for byte, and the third checks the data files with their digests below:
page-digest = { $what } (SHA-256)
page-files = The experiment as it was resolved, with every default filled in, is `experiment.yaml` beside this page. The findings for programs are `results.json`, `results.csv` and `claims.json`; `results.tex` has them as tables for a paper, and `citation.bib` says how to cite them. Each trial’s records lie under `trials/`.
page-files-of-report = The experiment as it was resolved, with every default filled in, is `experiment.yaml` beside this file. The findings for programs are `results.json`, `results.csv` and `claims.json`; `results.tex` has them as tables for a paper, and `citation.bib` says how to cite them. Each trial’s records lie under `trials/`.
page-networks = The network of each variant.
page-recipe = Training recipe: SGD on mean cross-entropy.
page-seeds-and-own = { $seeds }; of their own: { $own }
page-images = { $description }. { $train } training and { $test } test images of { $width }×{ $height } pixels in { $classes } classes.
page-classes = Images used of each class.
page-no-images = No record of the images exists.
page-trials-caption = All planned trials with the figures of their last epoch. Keys and digests are shortened; `results.csv` has them in full.
page-trials-lead = Figures of the last epoch. Keys and digests are shortened; `results.csv` has them in full.
page-made-by = Made by `retrial` from the records of { $planned } planned trials. Rendering is a function of the data alone: the same data give the same page.

# Of the summary.
page-more-claims = { $count } more in `claims.json`.
page-more-variants = { $count } more in `results.csv`.
page-whole-report = The whole report is `index.html`; `retrial verify` checks its bundle.

## Pages of a site

site-reports = Reports
site-lead = Articles’ findings, run again, with a verdict for each claim and everything needed to check it.
site-experiments = Experiments
site-after = After { $article }
site-reports-of = Reports of `{ $id }`, the newest first.
site-reports-of-with-changes = Reports of `{ $id }`, the newest first. { $changes }.
site-changes = What changed between them
site-report = Report
site-date = Date
site-claims = Claims
site-this-folder = this folder
site-verdicts = { $supported } supported, { $refuted } refuted, { $inconclusive } inconclusive
site-unmet = { $claims } not as the experiment demands
site-empty = There is no report here yet.
site-made-by = Made by `retrial site`.
site-made-by-and-check = Made by `retrial site`. Each report says on its page how to check it.

# Of a history.
site-history = History: { $title }
site-all-reports = All reports
site-runs = Runs
site-run = Run
site-run-number = Run { $number }
site-changed-verdicts = Changed verdicts
site-shown-differences = Shown differences in accuracy
site-all-runs = All runs of `{ $id }`, the oldest first.
site-code = Code
site-bundle = Bundle
site-verdicts-heading = Verdicts
site-verdicts-caption = The verdict on each claim in each run. Marked is one that is not what it was the last time.
site-changed = changed
site-accuracy = Accuracy
site-accuracy-caption = Final validation accuracy: mean over completed seeds with its interval. Below it, the difference from the run before, paired by seed and judged by its own interval.
site-same-bits = the same bits
site-higher = higher
site-lower = lower
site-no-difference = no difference shown
site-plot-title = Final validation accuracy over runs
site-plot-reading = Marks are means over completed seeds, bars their { $confidence } intervals (from two seeds up); runs are numbered as in the list, oldest first.
site-plot-values = In the last run { $values }.
site-plot-axis = validation accuracy over runs
