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

## Sentences

sentence-separator = { " " }
sentence = { $text }.
stated-figure = { $figure } { $quantity }
mean-with-interval = { $mean } ({ $confidence } interval { $interval }, { $seeds })
mean-without-interval = { $mean } ({ $seeds }, no interval)

## What became of variants and trials

fate-above-chance = above chance
fate-at-chance = at chance
fate-inconclusive = inconclusive
fate-diverged = diverged
fate-not-judged = not judged
fate-no-result = no result
basis-seeds-and-test-set = seeds and test images
basis-test-set-only = one seed, test images only
status-completed = completed
status-diverged = diverged
status-failed = failed
status-missing = missing
status-log-too-short = recorded as completed, but its metrics end at epoch { $last } of { $planned }

## Settings of networks and recipes

setting-normalisation = normalisation
setting-normalisation-momentum = normalisation momentum
setting-normalisation-epsilon = normalisation epsilon
setting-normalisation-groups = normalisation groups
setting-dropout = dropout
setting-dropout-rate = dropout rate
setting-dropout-kind = dropout kind
setting-dropout-place = dropout place
setting-dropout-block-size = dropout block size
setting-initialiser = initialiser
setting-width = width
setting-number-of-epochs = number of epochs
setting-batch-size = batch size
setting-image-size = image size
setting-pixel-range = pixel range
setting-learning-rate = learning rate
setting-momentum = momentum
setting-weight-decay = weight decay
setting-warm-up = warm-up
setting-learning-rate-decay = learning-rate decay
setting-horizontal-flip = horizontal flip
setting-random-crop = random crop
setting-precision = precision
model-no-norm = no normalisation
model-batch-norm = batch normalisation (momentum { $momentum }, ε { $epsilon })
model-group-norm = group normalisation ({ $groups } groups, ε { $epsilon })
model-no-dropout = no dropout
model-initialiser = { $initialiser } initialiser
model-width = width { $width }
value-none = none
value-on = on
value-off = off
value-padding = padding { $pixels }
value-image-size = { $side }×{ $side } pixels
value-warm-up = { $epochs } epochs
value-batch-norm = batch normalisation
value-group-norm = group normalisation
value-dropout = { $kind } dropout { $rate } { $place }
value-dropout-of-size = { $kind } dropout of { $side }×{ $side } pixels { $rate } { $place }
dropout-element = element-wise
dropout-channel = channel-wise
dropout-block = block-wise
dropout-after-activations = after every ReLU6
dropout-before-classifier = before the classifier
dropout-before-convolutions = before every convolution but the first
dropout-behind-norms = between normalisation and ReLU6
initialiser-keras = Keras
initialiser-glorot = Glorot (true fans)
initialiser-he = He
value-decay-by-steps = × { $factor } every { $epochs } epochs
value-decay-by-cosine = cosine to × { $factor }
view-own-seeds = { $name } { $seeds }
view-loss-not-finite = training loss not finite at step { $step } (epoch { $epoch })
view-excludes-zero = excludes zero
view-includes-zero = includes zero
view-one-seed = one seed, no interval
view-no-common-seed = no seed in common
view-same-bits = the same training twice gave the same bits
view-losses-differ = the same training twice gave losses that differ by up to { $share } of their size
audit-images = Images and labels used
audit-archive = Archive of the images
audit-training-code = Code that trained
audit-judging-code = Code that judged

## Answer and conclusions

answer-overview-with-chance = with chance at { $chance }, { $groups }.
answer-group = { $fate }: { $members }
answer-name-with-accuracy = { $name } ({ $accuracy })
answer-agreement = Validation accuracies reported by the source that could have come from one further trial here: { $compatible } of { $judged } with enough seeds to tell.
learning-above-chance = ends above chance
learning-at-chance = stays at chance
learning-inconclusive = may or may not be above chance
learning-diverged = does not get to the end
learning-not-judged = is not judged, because the chance level is not known
learning-no-result = has no result
learning = { $name } { $what }.
learning-with-details = { $name } { $what }: { $details }.
learning-accuracy = validation accuracy { $accuracy } after { $epochs }
learning-accuracy-against-chance = validation accuracy { $accuracy } after { $epochs } ({ $confidence } interval { $interval } { $basis }) against { $chance } by chance
learning-over-seeds = over { $seeds } and the test images
learning-over-test-images = over the test images only, { $seeds }
learning-loss = training loss { $loss }
learning-loss-against-chance = training loss { $loss } (a uniform guess has { $uniform })
learning-divergence = training diverged at { $diverged } of { $seeds } that ran
comparison = { $minuend } minus { $subtrahend }, which differ only in { $setting } ({ $one } against { $other }): validation accuracy { $difference }; { $finding }.
comparison-excludes-zero = the interval excludes zero
comparison-includes-zero = the interval includes zero, so no difference is shown
comparison-one-seed = one seed gives no interval, so nothing is shown
source-figure = The source reports { $quantity } { $reported } for { $name }; here it is { $here }, a difference of { $difference }.
source-one-seed = One seed says nothing about how far further trials would lie apart.
source-few-seeds = So few seeds say nothing about how far further trials would lie apart.
source-inside = The reported figure lies inside the range in which one further trial here is expected ({ $range }, { $confidence }).
source-outside = The reported figure lies outside the range in which one further trial here is expected ({ $range }, { $confidence }).
source-both-at-chance = Both are at this data set’s chance level.
source-alone-above-chance = The reported figure is well above this data set’s chance level; this one is not.
source-both-above-chance = Both are above this data set’s chance level.
source-alone-at-chance = The reported figure is at this data set’s chance level; this one is above it.
cause-the-setting = the { $setting }
cause-decides-in-brief = { $setting } decides whether the network learns (with { $learns } it does, with { $fails } it does not)
cause-not-sole-in-brief = { $settings } cannot be the sole cause of the failure, since the network fails without it too
cause-against = { $learns } against { $fails }
cause-with-fate = { $name } ({ $fate })
cause-single-seed = This rests on a single seed of some variant.

## What cannot be concluded

limit-no-record-of-images = There is no record of the images used, so no chance level is known and nothing is held against it.
limit-one-trial = How far results of { $name } vary between seeds: one trial completed, so its figures have no interval over seeds.
limit-diverged = What { $name } reaches in general: its training diverged at { $diverged } of { $seeds }, and its final figures are those of the others, which need not be typical.
limit-inconclusive = Whether { $name } learns: its interval holds both chance and accuracies well above it.
limit-part-diverged = { $number } diverged
limit-part-failed = { $number } failed without a usable record
limit-part-not-run = { $number } not run
limit-none-completed = Anything about the final figures of { $name }: of its { $planned } none completed ({ $parts }).
limit-some-without-result = What all trials of { $name } together would show: of its { $planned }, these have no result: { $parts }.
limit-not-finite = The { $quantity } of { $name } in full: it is not a finite number at { $without } of { $seeds } that completed, and the mean is that of the others.
limit-few-seeds = Whether the intervals hold exactly: with as few as { $seeds } they rest on results being normally distributed over seeds, which cannot be checked.
limit-still-rising = Where longer training leads: the mean validation accuracy of { $names } is highest at the last epoch.
limit-many-comparisons = That every one of the { $number } differences between variants holds at once: each interval has { $confidence } confidence by itself, without correction for their number.
limit-synthetic = Anything about photographs or about the source's own data: the images here are synthetic.
limit-training-images = { $number } training images per class
limit-test-images = { $number } test images per class
limit-part-of-data = What the whole data set would give: only { $parts } were used.

## Claims and their evidence

quantity-val-accuracy = validation accuracy
quantity-val-loss = validation loss
quantity-train-accuracy = training accuracy
quantity-train-loss = training loss
quantity-signal-initial = signal in the pooled features before training
quantity-signal-final = signal in the pooled features after training
quantity-gradient-initial = gradient of the first convolution at the first step
quantity-variance-shift-depthwise = variance ratio (dropout on to off) behind depthwise convolutions
quantity-variance-shift-pointwise = variance ratio (dropout on to off) behind pointwise convolutions
quantity-reestimation-gain = gain in validation accuracy from statistics estimated anew without dropout
quantity-masked-updates-dense = share of the classifier’s updates that the mask silences
quantity-masked-updates-convolution = share of the convolutions’ updates that the mask silences
verdict-supported = supported
verdict-refuted = refuted
verdict-inconclusive = inconclusive
reason-no-values = no trial has this figure
reason-one-seed = a single seed has no interval
reason-diverged = some trials diverged without such a figure, and leaving them out would flatter the variant
reason-interval-crosses-bound = the interval reaches over the bound
registration-before = written down before the first trial
registration-changed = changed when results existed
registration-added = added when results existed
registration-unknown = no record of when it was written down
changes-seeds = The seeds were changed when results existed.
changes-analysis = The code that judges claims was changed when results existed.
test-decade = One decade is a factor of ten.
test-level = The mean { $quantity } of { $name } over seeds { $bound }.
test-difference = { $quantity } of { $of } minus that of { $minus }, in the mean over shared seeds, { $bound }.
test-rises = { $quantity } rises with every step along { $names }.
test-falls = { $quantity } falls with every step along { $names }.
bound-below = is below { $value }
bound-above = is above { $value }
bound-within = lies within { $margin } of { $around } on either side
seeds-of-planned = { $seeds } of { $planned }
exception-diverged-as-chance = { $number } diverged, counted as guessing
exception-diverged = { $number } diverged, without such a figure
exception-failed = { $number } failed
exception-missing = { $number } missing
evidence-test = Test
evidence-mean = Mean over seeds
evidence-mean-difference = Mean difference
evidence-nearest-step = Step nearest to failing
evidence-step = Step
evidence-step-between = from { $from } to { $to }
evidence-interval = Interval
evidence-interval-with = { $interval } ({ $confidence })
evidence-confidence-of-all-steps = { $confidence } for all steps together
evidence-reason = Why this verdict
evidence-seeds = Seeds
evidence-distance = Distance from the bound
evidence-deviations-claimed-side = { $number } sample standard deviations on the claimed side (Cohen’s d of one sample)
evidence-deviations-other-side = { $number } sample standard deviations on the other side (Cohen’s d of one sample)
evidence-superiority = Probability of superiority
evidence-detectable = Detectable effect
evidence-detectable-effect = { $distance } from the bound would be shown by { $seeds } of this spread with probability { $power }
evidence-settling = Seeds that would settle it
evidence-settling-seeds = probably { $seeds }, had they the same mean and spread
evidence-p = Two-sided p
evidence-p-value = p { $p }
evidence-holm = After Holm’s correction
evidence-holm-same = p { $p }, still { $verdict }
evidence-holm-other = p { $p }, no longer the same: { $verdict }
evidence-demand = Demanded
evidence-demand-met = The experiment demands that this be { $must }; it is.
evidence-demand-unmet = The experiment demands that this be { $must }; it is not.
evidence-registration = Registration
finding = { $verdict } ({ $details })
finding-with-estimate = { $verdict }: { $estimate } ({ $details })
finding-interval = { $confidence } interval { $interval }
tally = Of { $claims } put to the test, { $parts }.

## Sentences that depend on a number

cause-not-sole = { $n ->
    [one] One pair differs only in { $setting } ({ $one } against { $other }), and neither side learns: { $named }. So { $subject } cannot be the sole cause of the failure.
   *[other] { $pairs } differ only in { $setting } ({ $one } against { $other }), and neither side learns: { $named }. So { $subject } cannot be the sole cause of the failure.
}
cause-decides = { $n ->
    [one] One pair differs only in { $setting }, and the side with { $learns } learns while the side with { $fails } does not: { $named }. With everything else as it is there, { $subject } decides whether the network learns.
   *[other] { $pairs } differ only in { $setting }, and the side with { $learns } learns while the side with { $fails } does not: { $named }. With everything else as it is there, { $subject } decides whether the network learns.
}
changes-withdrawn = { $n ->
    [one] Claim { $claims } was written down and then withdrawn when results existed.
   *[other] Claims { $claims } were written down and then withdrawn when results existed.
}
tally-supported = { $n ->
    [one] { $number } is supported
   *[other] { $number } are supported
}
tally-refuted = { $n ->
    [one] { $number } is refuted
   *[other] { $number } are refuted
}
tally-inconclusive = { $n ->
    [one] { $number } is left open
   *[other] { $number } are left open
}
cause-decides-in-part = { $n ->
    [one] { $decides }, unless something else changes too: { $names } learns with { $fails } as well
   *[other] { $decides }, unless something else changes too: { $names } learn with { $fails } as well
}
tally-untested = { $n ->
    [one] { $number } has no trial yet
   *[other] { $number } have no trial yet
}
tally-with-lost = { $n ->
    [one] Of { $claims } put to the test, { $parts }; { $lost } verdict does not stand after correction for their number.
   *[other] Of { $claims } put to the test, { $parts }; { $lost } verdicts do not stand after correction for their number.
}
cause-exception = { $n ->
    [one] Not everywhere, though: { $names } learns with { $fails } as well, and differs in something else.
   *[other] Not everywhere, though: { $names } learn with { $fails } as well, and differ in something else.
}
answer-sourced = { $name } { $what } ({ $accuracy })
answer-sourced-without-figure = { $name } { $what }
answer-others = the { $number } others: { $groups }
answer-count = { $number } { $fate }
answer-count-with-best = { $number } { $fate }, best { $best }
answer-signals = before the first step, the signal in the last features is at most { $fails } in all variants at chance and at least { $learns } in all above it
source-all-alike = All seeds gave the same figure, which says nothing about how far further trials would lie apart.
limit-unsteady = What one epoch more or less would give: over the last { $epochs }, the mean validation accuracy of { $names } changed by up to { $change } from one to the next.

## Plots

plot-value = { $label }: { $value }
plot-value-at = { $label }: { $value } at { $place }
plot-values = { $values }.
plot-panel-values = { $title }: { $values }.
plot-panel-values-across = { $title } ({ $across }): { $values }.
plot-values-above = Values above { $top } are drawn at the top edge.
plot-values-below = Values below { $lowest } are drawn at the bottom edge.
plot-diverged = { $label } (diverged)
plot-chance = chance { $value }
plot-uniform-guess = uniform guess { $value }
plot-reported = reported { $value }
plot-reported-by-source = reported by the source
plot-mean-over-seeds = mean over seeds
plot-final-accuracy = Final validation accuracy by variant
plot-final-accuracy-reading = Large marks are means over completed seeds with their { $confidence } intervals (from two seeds up), small dots single seeds, hollow diamonds the figures the source reports; the dotted line is chance.
plot-final-accuracy-axis = validation accuracy after the last epoch
plot-key-mean = mean, { $confidence } interval
plot-key-seed = one seed
plot-seeds = { $completed } of { $planned } seeds
plot-val-accuracy = Validation accuracy over epochs
plot-train-loss = Training loss over epochs
plot-curves-reading = Lines are means over completed seeds, bands their { $confidence } intervals (from two seeds up), thin lines single seeds; broken horizontal lines mark what guessing gives and what the source reports; a cross ends a seed that diverged.
plot-curve-end = { $label }: { $value } at epoch { $epoch }
plot-curve-diverged = { $label }: diverged, last complete epoch { $epoch }
plot-curve-missing = { $label }: no data
plot-epoch = epoch
plot-accuracy = accuracy
plot-cross-entropy = cross-entropy (nats)
plot-accuracy-over-epochs = accuracy over epochs
plot-cross-entropy-over-epochs = cross-entropy in nats over epochs
plot-claim = Claim { $id }: { $verdict }
plot-claim-reading = The shaded region is what the claim says, the mark with its bar what the trials show, a hollow diamond the source’s figure.
plot-claimed-between = Claimed: from { $lower } to { $upper }. Found: { $found }.
plot-claimed-above = Claimed: above { $bound }. Found: { $found }.
plot-claimed-below = Claimed: below { $bound }. Found: { $found }.
plot-claimed-anything = Claimed: anything. Found: { $found }.
plot-layers = layer, in the order of the forward pass
plot-layers-in-blocks = layer, in the order of the forward pass (numbers are blocks)
plot-geometric-means = Lines are geometric means over seeds, bands their range.
plot-arithmetic-means = Lines are means over seeds, bands their range.
plot-signal = Signal through the layers
plot-signal-reading = Root mean square of the output of every layer, with batch statistics and dropout on, on a logarithmic axis.
plot-signal-faint = The dotted line marks { $level }, a few times the resolution of single precision beside 1.
plot-at-initialisation = At initialisation
plot-after-training = After training
plot-gradient = Gradient of every layer at the first step
plot-gradient-reading = Root mean square of the gradient of every kernel’s weights at the first step, on a logarithmic axis.
plot-at-first-step = At the first step
plot-variance-shift = Variance shift between training and evaluation
plot-variance-shift-reading = Variance that enters each batch normalisation with dropout on, over that with dropout off, after training, on a logarithmic axis; at 1, marked by the dotted line, training and evaluation see the same variance.
plot-variance-shift-image = The convolution of the image is in probes/variance-shift.json only.
plot-behind-depthwise = Behind depthwise convolutions
plot-behind-pointwise = Behind pointwise convolutions
plot-no-shift = no shift
plot-masked-updates = Updates that the dropout mask silences
plot-masked-updates-reading = Share of the weight-gradient entries of a single image that are zero only because of the dropout mask, for every kernel.
plot-share-of-updates = Share of a single image’s updates
plot-throughput-batch = Throughput over batch sizes
plot-throughput-image = Throughput over image sizes
plot-throughput-threads = Throughput over threads
plot-throughput-reading = Images per second, on a logarithmic axis. Lines are medians over rounds, bands their { $confidence } intervals.
plot-throughput-ceilings = Thin dotted lines are what the measured ceilings of the device, with all its threads, allow each variant at most.
plot-across-batch = images per step
plot-across-image = side of the images in pixels
plot-across-threads = threads
plot-training-rate = Training, images/s
plot-inference-rate = Inference, images/s

## Probes

probes-fades-before-training = Before training, the signal of { $variants } falls below { $level } at { $layer } (number { $place } of { $layers }) and is { $end } at the logits.
probes-lasts-before-training = Before training, the signal of { $variants } nowhere falls below { $level } and is { $end } at the logits.
probes-fades-after-training = After training, the signal of { $variants } falls below { $level } at { $layer } (number { $place } of { $layers }) and is { $end } at the logits.
probes-lasts-after-training = After training, the signal of { $variants } nowhere falls below { $level } and is { $end } at the logits.
probes-not-finite = In { $variant }, these are not finite numbers at any seed: { $parts }.
probes-signal-before-not-finite = its signal before training at { $number } of { $layers }
probes-signal-after-not-finite = its signal after training at { $number } of { $layers }
probes-gradient-not-finite = its gradient at { $number } of { $layers }
probes-shift = With dropout on, the variance that enters the normalisations of { $variants } is, against that with dropout off, { $ratios }.
probes-shift-depthwise = { $ratio } times behind depthwise convolutions
probes-shift-pointwise = { $ratio } times behind pointwise convolutions
probes-reestimation = Estimating the running statistics of { $variants } anew, with dropout off, changes validation accuracy by { $gain } in the mean over seeds.
probes-masked = In { $variants }, dropout silences these shares of the updates that a single image would make: { $parts }.
probes-masked-dense = { $share } of the classifier’s weights
probes-masked-convolution = { $share } of convolution kernels that slide over more than one pixel

## Throughput

speed-size = { $batch }, { $side }
speed-marked = { $marked } of { $rounds }
speed-reference = 1, by definition
speed-device-memory = { $memory } on the device
speed-kind-image = first convolution
speed-kind-depthwise = depthwise convolutions
speed-kind-pointwise = pointwise convolutions
speed-kind-dense = classifier
speed-kind-post = normalisation, ReLU6, dropout
speed-kind-elementwise = shortcuts and pooling
speed-what = Measured on { $cpu } with { $engine }, { $threads } of { $cores }, by criterion { $criterion }: { $measurements } in each of { $rounds }, every measurement once a round, so that a machine that drifts favours none. A training step gathers a batch, goes forwards and backwards and updates the weights; inference gathers a batch and goes forwards.
speed-undisturbed = No round ran under load from elsewhere or with clocks held back.
speed-unknown = This system does not say what else ran meanwhile, so nothing vouches for these rates.
speed-with-care = These rates are to be read with care: { $marks }. The rounds are marked in the table; costs compare rounds that were close in time, and suffer less.
speed-loaded = in { $number } of { $rounds } others took more than a tenth of the processor time in use, or computed on the GPU
speed-throttled = in { $number } of { $rounds } the GPU held its clocks back
speed-both-marks = { $loaded } and { $throttled }
speed-conditions = Around it: { $conditions }.
speed-load-average = load average { $before } before and { $after } after
speed-busy-processes = other busy processes { $before } before and { $after } after
speed-core-clock = mean MHz of the cores { $before } before and { $after } after
speed-gpu-clock = MHz of the GPU { $before } before and { $after } after
speed-gpu-temperature = °C of the GPU { $before } before and { $after } after
speed-ceilings = The device’s ceilings, the best of as many rounds: { $flops } GFLOP/s in products of matrices of f32, { $bytes } GB/s read and written in copies. The share of the ceiling is the least time that these allow for the counted operations and bytes of every layer, over the time it took; a cache that spares passes over memory can raise it above what memory allows.
speed-threads = Threads: { $speedups }.
speed-speedup = training { $variant } on { $threads } is { $speedup } times as fast as on { $fewer }
speed-outliers = Of { $samples }, { $outliers } lie outside the fences of their round (Tukey), { $slow } of them on the slow side; medians hardly notice, and none is left out.
speed-skipped = Not measured: { $cells }.
speed-skipped-and-more = Not measured: { $cells }; and { $more } more, listed in throughput/session.json.
speed-skipped-cell = { $cell } ({ $reason })
speed-training-cell = { $variant } training with { $batch } images of { $side } px
speed-training-cell-on-threads = { $variant } training with { $batch } images of { $side } px on { $threads }
speed-inference-cell = { $variant } inference with { $batch } images of { $side } px
speed-inference-cell-on-threads = { $variant } inference with { $batch } images of { $side } px on { $threads }
probes-reestimation-control = The same changes that of { $variants }, which have no dropout, by { $gain }.
probes-reestimation-not-by-dropout = A gain of that size is there without dropout as well, so it cannot be put down to dropout.
probes-unmoved = In { $variants }, the signal of the last features is after training what it was before, to within a hundredth: what the logits have gained comes from the classifier behind them.
probes-masked-by-size = The smaller the map that a kernel slides over, the more of its updates are silenced: { $parts }.
probes-masked-at-sizes = in { $variant }, from { $least } at { $largest } pixels to { $most } at { $smallest }
