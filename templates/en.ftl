### The fixed texts of reports and sites, in the language they are written in first.
###
### A translation is a file of this form with the same names, called after its language (BCP 47): `fr.ftl`. What it lacks
### is taken from here. Values stand in braces; `code` and **strong** are set as such. The syntax is that of Fluent,
### https://projectfluent.org/fluent/guide/.

## Numbers, lists and ranges

points = { $value } points
decades = { $value } decades
times = { $value } times
factor = a factor of { $value }
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
count-difference = { $n ->
    [one] { $count } difference
   *[other] { $count } differences
}
count-epoch = { $n ->
    [one] { $count } epoch
   *[other] { $count } epochs
}
count-figure = { $n ->
    [one] { $count } figure
   *[other] { $count } figures
}
count-file = { $n ->
    [one] { $count } file
   *[other] { $count } files
}
count-finding = { $n ->
    [one] { $count } finding
   *[other] { $count } findings
}
count-image = { $n ->
    [one] { $count } image
   *[other] { $count } images
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
count-place = { $n ->
    [one] { $count } place
   *[other] { $count } places
}
count-planned-trial = { $n ->
    [one] { $count } planned trial
   *[other] { $count } planned trials
}
count-report = { $n ->
    [one] { $count } report
   *[other] { $count } reports
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
count-metric = { $n ->
    [one] { $count } metric
   *[other] { $count } metrics
}
count-run = { $n ->
    [one] { $count } run
   *[other] { $count } runs
}
count-step = { $n ->
    [one] { $count } step
   *[other] { $count } steps
}
count-thread = { $n ->
    [one] { $count } thread
   *[other] { $count } threads
}
count-test-image = { $n ->
    [one] { $count } test image
   *[other] { $count } test images
}
count-training-image = { $n ->
    [one] { $count } training image
   *[other] { $count } training images
}
count-trial = { $n ->
    [one] { $count } trial
   *[other] { $count } trials
}
count-variant = { $n ->
    [one] { $count } variant
   *[other] { $count } variants
}
count-verdict = { $n ->
    [one] { $count } verdict
   *[other] { $count } verdicts
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
basis-seeds = over seeds
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
setting-network = network
setting-optimizer = optimizer
setting-label-smoothing = label smoothing
value-nesterov = SGD with Nesterov’s look ahead
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
model-own-layers = layers of its own
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
dropout-after-any-activations = after every activation
dropout-behind-any-norms = between normalisation and activation
dropout-before-classifier = before the classifier
dropout-before-convolutions = before every convolution but the first
dropout-behind-norms = between normalisation and ReLU6
initialiser-keras = Keras
initialiser-glorot = Glorot (true fans)
initialiser-he = He
initialiser-pytorch = PyTorch
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
audit-experiment = The experiment as it was resolved
audit-images = Images and labels used
audit-archive = Archive of the images
audit-training-code = Code that trained
audit-judging-code = Code that judged

## Answer and conclusions

answer-overview-with-chance = { $groups }. Guessing gives { $chance }.
answer-group = { $members } { $verb }
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
learning-over-seeds-alone = over { $seeds }
learning-over-test-images = over the test images only, { $seeds }
learning-figure = { $quantity } { $figure }
learning-loss = training loss { $loss }
learning-loss-against-chance = training loss { $loss } (a uniform guess has { $uniform })
learning-divergence = training diverged at { $diverged } of { $seeds } that ran
comparison = { $minuend } against { $subtrahend }, which differ only in { $setting } ({ $one } against { $other }): validation accuracy differs by { $difference }; { $finding }.
comparison-excludes-zero = the interval excludes zero
comparison-includes-zero = the interval includes zero, so no difference is shown
comparison-one-seed = one seed gives no interval, so nothing is shown
source-figure = The source reports { $reported } as the { $quantity } of { $name }; here it is { $here }, a difference of { $difference }.
source-one-seed = One seed says nothing about how far further trials would lie apart.
source-few-seeds = So few seeds say nothing about how far further trials would lie apart.
source-inside = One further trial here is expected within { $range } ({ $confidence }), and the reported figure lies inside.
source-outside = One further trial here is expected within { $range } ({ $confidence }), and the reported figure lies outside.
source-both-at-chance = Both are at this data set’s chance level.
source-alone-above-chance = The reported figure is well above this data set’s chance level; this one is not.
source-both-above-chance = Both are above this data set’s chance level.
source-alone-at-chance = The reported figure is at this data set’s chance level; this one is above it.
cause-the-setting = the { $setting }
cause-decides-in-brief = { $setting } decides: all else being equal, the network learns { $learns } and fails { $fails }.
cause-not-sole-in-brief = { $n ->
    [one] { $settings } alone cannot be what makes the network fail: it fails with either setting.
   *[other] { $settings } cannot, each alone, be what makes the network fail: it fails with either setting.
}
cause-against = { $learns } against { $fails }
cause-with-fate = { $name } ({ $fate })
cause-single-seed = This rests on a single seed of some variant.

## What cannot be concluded

limit-several-engines = What one engine alone would give: trials were computed by { $engines }, and a difference between variants or seeds may be one between these.
limit-engines-apart = One sample of { $names }: the { $figure } on one engine is shown to differ from that on another (Welch’s test, corrected for the number of tests), so their mean and its interval are of neither.
limit-engines-not-apart = Whether engines agree on { $names }: no difference of the { $figure } between them is shown (Welch’s test), which with so few seeds on each is not to say that there is none.
limit-engines-untested = Whether engines agree on { $names }: no two of them have two trials each whose figures vary, so there is nothing to test.
limit-no-record-of-images = There is no record of the images used, so no chance level is known and nothing is held against it.
level-once = each trial run once
level-bitwise = each trial { $runs }, the same to the bit
level-tolerance = each trial { $runs }, figures differ by up to { $share } of themselves
level-reported = figures taken over, nothing run here
limit-does-not-repeat = How much is the seed’s doing: trials of { $name } do not repeat themselves under one seed ({ $level }).
limit-run-once = Whether trials of { $name } repeat themselves: each was run once, and what varies between seeds may be the program itself.
limit-reported = Whether the figures of { $name } come out again: they were taken over as they were, and nothing was run here.
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
best-higher = highest
best-lower = lowest
limit-still-rising = Where longer training leads: the mean { $quantity } of { $names } is { $best } at the last epoch.
limit-many-comparisons = That every one of the { $number } differences between variants holds at once: each interval has { $confidence } confidence by itself, without correction for their number.
limit-synthetic = Anything about photographs or about the source's own data: the images here are synthetic.
limit-training-images = { $n ->
    [one] { $number } training image per class
   *[other] { $number } training images per class
}
limit-test-images = { $n ->
    [one] { $number } test image per class
   *[other] { $number } test images per class
}
limit-no-seed = How much { $name } varies between seeds: its command is not given the seed.
limit-looks = Which variants got more seeds hung on what earlier ones showed. Claims account for that; the intervals of single variants and of pairs of them do not.
limit-side-by-side = How long the programs take, and with how much memory, when each runs by itself: trials may have run beside others, and at different times.
limit-leakage = { $n ->
    [one] How the networks do on images that they have not seen: { $number } test image is a training image as well, pixel for pixel.
   *[other] How the networks do on images that they have not seen: { $number } test images are training images as well, pixel for pixel.
}
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
quantity-throughput = training throughput
quantity-inference-throughput = inference throughput
verdict-supported = supported
verdict-refuted = refuted
verdict-inconclusive = inconclusive
reason-no-values = no trial has this figure
reason-one-seed = a single seed has no interval
reason-one-round = a single round has no interval
reason-not-measured = how fast this is, at its own batch and image size, was not measured
reason-diverged = some trials diverged without such a figure, and leaving them out would flatter the variant
reason-before-first-look = trials that the first look needs are missing
reason-interval-crosses-bound = the interval reaches over the bound
registration-before = written down before the first trial
registration-changed = changed when results existed
registration-added = added when results existed
registration-unknown = no record of when it was written down
changes-seeds = The seeds were changed when results existed.
changes-looks = When the seeds are looked at was changed when results existed.
changes-results = All results were replaced by new ones of the same trials (`--fresh`).
changes-analysis = The code that judges claims was changed when results existed.
# At which point of each trial's curve a claim's metric is read: at-point is a quantity or a figure with it.
at-point = { $what } { $point }
point-best = at its best
point-best-of = at the point with the best { $quantity }
point-epoch = after epoch { $epoch }
point-mean-of-last = in the mean over its last { $points } points
point-step = at step { $step }
bound-at-point = { $point } { $bound }
test-decade = One decade is a factor of ten.
test-level = The mean { $quantity } of { $name } over seeds { $bound }.
test-level-of-rounds = The mean { $quantity } of { $name } over rounds of measurement { $bound }.
test-difference = { $quantity } of { $of } minus that of { $minus }, in the mean over shared seeds, { $bound }.
test-difference-of-rounds = { $quantity } of { $of } minus that of { $minus }, in the mean over rounds of measurement that took turns, { $bound }.
test-rises = { $quantity } rises with every step along { $names }.
test-falls = { $quantity } falls with every step along { $names }.
bound-below = is below { $value }
bound-above = is above { $value }
test-ratio = { $quantity } of { $of } over that of { $over }, in the geometric mean over shared seeds, { $bound }.
test-ratio-of-rounds = { $quantity } of { $of } over that of { $over }, in the geometric mean over rounds of measurement that took turns, { $bound }.
bound-within = lies within { $margin } of { $around } on either side
seeds-of-planned = { $seeds } of { $planned }
exception-diverged-as-chance = { $number } diverged, counted as guessing
exception-diverged = { $number } diverged, without such a figure
exception-failed = { $number } failed
exception-missing = { $number } missing
evidence-test = Test
evidence-mean = Mean over seeds
evidence-mean-of-rounds = Mean over rounds
evidence-mean-difference = Mean difference
evidence-mean-ratio = Mean ratio
evidence-nearest-step = Step nearest to failing
evidence-step = Step
evidence-step-between = from { $from } to { $to }
evidence-interval = Interval
evidence-interval-with = { $interval } ({ $confidence })
evidence-confidence-of-all-steps = { $confidence } for all steps together
evidence-because = Why this bound
evidence-bounds = The same verdict
bounds-below = for any bound below { $value }
bounds-above = for any bound above { $value }
bounds-between = for any bound from { $range }
margins-below = for any margin below { $value }
margins-above = for any margin above { $value }
margins-between = for any margin from { $lower } to { $upper }
evidence-reported = The source’s run
evidence-reported-figure = { $figure }. { $sentence }
evidence-reason = Why this verdict
evidence-seeds = Seeds
evidence-rounds = Rounds
evidence-look = Look
evidence-look-of = { $number } of { $of }, at { $seeds } of each variant; by itself its interval has a confidence of { $confidence }, so that all looks together keep the claim’s
evidence-distance = Distance from the bound
evidence-deviations-claimed-side = { $number } sample standard deviations on the claimed side (Cohen’s d of one sample)
evidence-deviations-other-side = { $number } sample standard deviations on the other side (Cohen’s d of one sample)
evidence-superiority = Probability of superiority
evidence-superiority-within = { $share } ({ $interval }, { $confidence } bootstrap)
evidence-interquartile = Mean of the middle half
evidence-interquartile-within = { $mean } ({ $interval }, { $confidence } bootstrap)
evidence-images = Had the images been others
evidence-images-within = { $interval } ({ $confidence }) with other seeds and other test images; { $share } of the variance of this mean comes from the { $images }
evidence-images-alike = neither the seeds nor the { $images } give this mean any variance
evidence-discordant = Right in one alone
evidence-discordant-seed = seed { $seed }: { $of } images against { $minus } (McNemar’s p { $p })
evidence-detectable = Detectable effect
evidence-detectable-effect = { $distance } from the bound would be shown by { $seeds } of this spread with probability { $power }
evidence-settling = Seeds that would settle it
evidence-settling-of-rounds = Rounds that would settle it
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
tally = Of { $claims }, { $parts }.
## Sentences that depend on a number

cause-not-sole = { $n ->
    [one] One pair differs only in { $setting } ({ $one } against { $other }), and neither side learns: { $named }. So { $subject } cannot be the sole cause of the failure.
   *[other] { $pairs } differ only in { $setting } ({ $one } against { $other }), and neither side learns: { $named }. So { $subject } cannot be the sole cause of the failure.
}
cause-decides = { $n ->
    [one] One pair differs only in { $setting }: the network learns { $learns } and fails { $fails }: { $named }. With everything else as it is there, { $subject } decides whether the network learns.
   *[other] { $pairs } differ only in { $setting }: in each, the network learns { $learns } and fails { $fails }: { $named }. With everything else as it is there, { $subject } decides whether the network learns.
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
tally-untested = { $n ->
    [one] { $number } has no figure yet
   *[other] { $number } have no figure yet
}
tally-with-lost = { $n ->
    [one] Of { $claims }, { $parts }; { $lost } verdict falls when corrected for their number.
   *[other] Of { $claims }, { $parts }; { $lost } verdicts fall when corrected for their number.
}
cause-exception = { $n ->
    [one] Not everywhere, though: { $names } learns { $fails } as well, and differs in something else.
   *[other] Not everywhere, though: { $names } learn { $fails } as well, and differ in something else.
}
answer-sourced = { $name } { $what } ({ $accuracy })
answer-sourced-without-figure = { $name } { $what }
answer-others = { $n ->
    [one] of the other variant, { $groups }
   *[other] of the { $number } other variants, { $groups }
}
answer-count = { $number } { $verb }
answer-count-with-best = { $number } { $verb }, best { $best }
answer-signals = Before the first step the signal in the last features is { $fails } at most where the network fails, and { $learns } at least where it learns.
source-all-alike = All seeds gave the same figure, which says nothing about how far further trials would lie apart.
limit-unsteady = What one epoch more or less would give: over the last { $epochs }, the mean { $quantity } of { $names } changed by up to { $change } from one to the next.

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
plot-final-accuracy-reading = Marks are means with their { $confidence } intervals over seeds, dots single seeds, hollow diamonds the source’s figures; the dotted line is chance.
plot-final-accuracy-axis = validation accuracy after the last epoch
plot-key-mean = mean, { $confidence } interval
plot-key-seed = one seed
plot-controls = One setting at a time
plot-controls-reading = Each line joins the means of two variants that differ in nothing but the setting above it; the figure is the mean difference over the seeds that both have. A thin line: its { $confidence } interval includes zero, or there is none. The dotted line is chance.
plot-controls-left-out = { $n ->
    [one] { $number } pair that is less far apart is left out.
   *[other] { $number } pairs that are less far apart are left out.
}
plot-controls-step = { $from } → { $to }
plot-val-accuracy = Validation accuracy over epochs
plot-train-loss = Training loss over epochs
trainer-native = this program
trainer-command = the command { $command }
trainer-import = figures from { $path }
setting-trainer = trainer
quantity-wall-time = wall time
quantity-peak-memory = peak memory
plot-over-training = { $quantity } over training
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
plot-signal-faint = The dotted line marks { $level }, a few times the resolution of single precision beside one.
plot-at-initialisation = At initialisation
plot-after-training = After training
plot-gradient = Gradient of every layer at the first step
plot-gradient-reading = Root mean square of the gradient of every kernel’s weights at the first step, on a logarithmic axis.
plot-at-first-step = At the first step
plot-variance-shift = Variance shift between training and evaluation
plot-variance-shift-reading = Variance that enters each batch normalisation with dropout on, over that with dropout off, after training, on a logarithmic axis; at one, marked by the dotted line, training and evaluation see the same variance.
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

probes-fades-before-training = Before training, the signal in { $variants } drops below { $level } at { $layer }, number { $place } of { $layers }, and reaches the logits as { $end }.
probes-lasts-before-training = Before training, the signal in { $variants } stays above { $level } throughout and reaches the logits as { $end }.
probes-fades-after-training = After training, the signal in { $variants } drops below { $level } at { $layer }, number { $place } of { $layers }, and reaches the logits as { $end }.
probes-lasts-after-training = After training, the signal in { $variants } stays above { $level } throughout and reaches the logits as { $end }.
probes-not-finite = In { $variant }, these are not finite numbers at any seed: { $parts }.
probes-signal-before-not-finite = its signal before training at { $number } of { $layers }
probes-signal-after-not-finite = its signal after training at { $number } of { $layers }
probes-gradient-not-finite = its gradient at { $number } of { $layers }
probes-shift = Dropout changes the variance that enters the normalisations of { $variants }: with it on, the variance is { $ratios } what it is with it off.
probes-shift-depthwise = { $ratio } times (behind depthwise convolutions)
probes-shift-pointwise = { $ratio } times (behind pointwise convolutions)
probes-reestimation = Running statistics that are estimated anew, with dropout off, change the validation accuracy of { $variants } by { $gain } in the mean over seeds.
probes-masked = Of the updates that a single image would make in { $variants }, dropout silences { $parts }.
probes-masked-dense = { $share } of the classifier’s weights
probes-masked-convolution = { $share } of convolution kernels that slide over more than one pixel

## Throughput

speed-size = { $batch } of { $side } px
speed-marked = { $marked } of { $rounds }
speed-reference = { $ratio }, by definition
speed-device-memory = { $memory } held on the device afterwards
speed-kind-image = first convolution
speed-kind-spatial = further convolutions
speed-kind-depthwise = depthwise convolutions
speed-kind-pointwise = pointwise convolutions
speed-kind-dense = dense layers
speed-kind-post = normalisation, activation and dropout
speed-kind-elementwise = shortcuts and pooling
speed-what = Measured on { $cpu } with { $engine }, { $threads } of { $cores }, by criterion { $criterion }: { $measurements } in each of { $rounds }, every measurement once a round, so that a machine that drifts favours none. A training step gathers a batch, goes forwards and backwards and updates the weights; inference gathers a batch and goes forwards.
speed-undisturbed = No round ran under load from elsewhere or with clocks held back.
speed-unknown = This system does not say what else ran meanwhile, so nothing vouches for these rates.
speed-with-care = These rates are to be read with care: { $marks }. The rounds are marked in the table; costs compare rounds that were close in time, and suffer less.
speed-loaded = in { $number } of { $rounds } others took more than a tenth of the processor time in use, or computed on the GPU
speed-throttled = in { $number } of { $rounds } the GPU held its clocks back
speed-both-marks = { $loaded } and { $throttled }
speed-conditions = Around it: { $conditions }.
speed-load-average = load average, with retrial’s own work, { $before } before and { $after } after
speed-busy-processes = other busy processes { $before } before and { $after } after
speed-core-clock = mean MHz of the cores { $before } before and { $after } after
speed-gpu-clock = MHz of the GPU { $before } before and { $after } after
speed-gpu-temperature = °C of the GPU { $before } before and { $after } after
speed-ceilings = The device’s ceilings, the best of as many rounds: { $flops } GFLOP/s in products of matrices of f32, { $bytes } GB/s read and written in copies. The share of the ceiling is the least time that these allow for the counted operations and bytes of every layer, over the time it took; a cache that spares passes over memory can raise it above what memory allows.
speed-of-step = { $share } of the step
speed-of-ceiling = { $share } of its ceiling
speed-layers = Timed by themselves, of the time of all layers: { $shares }. All layers together take { $step } of the whole step’s time; gathering a batch, the loss and the update of the weights are in the step alone, and a layer may find its input in a cache there, or not.
speed-kind-share = { $kind } take { $share }
speed-threads = Threads: { $speedups }.
speed-speedup = training { $variant } on { $threads } is { $speedup } times as fast as on { $fewer }
speed-outliers = Of { $samples }, { $outliers } lie outside the fences of their round (Tukey), { $slow } of them on the slow side; medians hardly notice, and none is left out.
speed-skipped = Not measured: { $cells }.
speed-skipped-and-more = Not measured: { $cells }; and { $more } more, listed in throughput/session.json.
speed-skipped-cell = { $cell } ({ $reason })
speed-training-cell = { $n ->
    [one] { $variant } training with { $batch } image of { $side } px
   *[other] { $variant } training with { $batch } images of { $side } px
}
speed-training-cell-on-threads = { $n ->
    [one] { $variant } training with { $batch } image of { $side } px on { $threads }
   *[other] { $variant } training with { $batch } images of { $side } px on { $threads }
}
speed-inference-cell = { $n ->
    [one] { $variant } inference with { $batch } image of { $side } px
   *[other] { $variant } inference with { $batch } images of { $side } px
}
speed-inference-cell-on-threads = { $n ->
    [one] { $variant } inference with { $batch } image of { $side } px on { $threads }
   *[other] { $variant } inference with { $batch } images of { $side } px on { $threads }
}
probes-reestimation-control = In { $variants }, which have no dropout, they change it by { $gain }.
probes-reestimation-not-by-dropout = So a gain of that size needs no dropout, and cannot be put down to it.
probes-unmoved = In { $variants }, training leaves the signal in the last features as it was, to within a hundredth: whatever the logits gain comes from the classifier.
probes-masked-by-size = The smaller the map that a kernel slides over, the more of its updates are silenced: { $parts }.
probes-masked-at-sizes = in { $variant }, from { $least } at { $largest } pixels to { $most } at { $smallest }

## Pages of a report

page-skip = Skip to the answer

page-trial-of = A new trial of { $article }
page-trial-of-by = A new trial of { $article } by { $author }
page-trial-of-published = A new trial of { $article } ({ $published })
page-trial-of-by-published = A new trial of { $article } by { $author } ({ $published })
page-new-trial-of = A new trial of { $article }.
page-new-trial-of-by = A new trial of { $article } by { $author }.
page-new-trial-of-published = A new trial of { $article } ({ $published }).
page-new-trial-of-by-published = A new trial of { $article } by { $author } ({ $published }).
page-variants = Variants
page-of = { $part } of { $whole }
page-extent = { $n ->
    [one] { $variants }, { $seeds } seed each; { $completed } of { $planned } trials completed.
   *[other] { $variants }, { $seeds } seeds each; { $completed } of { $planned } trials completed.
}

# What a figure has beside it in brackets, a term and what it is, and what an estimate rests on.
page-aside = { $what } ({ $aside })
page-labelled = { $label }: { $value }
page-estimate-over = { $estimate }, { $seeds }
page-no-interval = { $seeds } seed, no interval

# Headings.
page-answer = Answer
page-claims = Claims and verdicts
page-results = Results
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
page-converted = Of all images of the source, { $parts }.
converted-gray = { $n ->
    [one] { $number } was gray and got three equal channels
   *[other] { $number } were gray and got three equal channels
}
converted-alpha = { $n ->
    [one] { $number } had transparency, which was dropped
   *[other] { $number } had transparency, which was dropped
}
converted-cmyk = { $n ->
    [one] { $number } was made RGB from CMYK
   *[other] { $number } were made RGB from CMYK
}
converted-sixteen-bit = { $n ->
    [one] { $number } had sixteen bits to a channel and got eight
   *[other] { $number } had sixteen bits to a channel and got eight
}
converted-not-turned = { $n ->
    [one] { $number } lies as it is stored, although its EXIF data turn it
   *[other] { $number } lie as they are stored, although their EXIF data turn them
}
page-environment = Environment
page-trials = Every trial

# Heads of columns.
page-variant = Variant
page-claim = Claim
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
page-batch-and-pixels = Batch
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
page-claims-caption = Bars are intervals, in half-widths from the claim’s bound in the middle, denser outwards: wholly on the right they support the claim, wholly on the left they refute it.
page-no-figure = no figure
page-corrected-for-all = { $verdict } after correction for all claims
page-corrected = { $verdict } after correction
page-demands = the experiment demands: { $verdict }
page-must-be = must be { $verdict }
page-changed = Changed after results existed:
page-verdicts-mean = Each trial is one training from scratch; trials of a variant differ only in their seed. **Supported**: the whole interval lies where the claim says. **Refuted**: the whole interval lies outside. **Inconclusive**: the data leave it open. Trials that diverged, failed or are missing are counted beside the verdict.
page-verdicts-mean-in-short = Each trial is one training from scratch; trials of a variant differ only in their seed. Supported: the whole interval lies where the claim says. Refuted: the whole interval lies outside. Inconclusive: the data leave it open.

# What GitHub makes of this heading is also the address of the claim’s evidence in report.md: letters, a number and spaces only.
page-claim-number = Claim { $number }
page-strips = The shaded region is what the claim says; the mark with its bar is the mean over seeds with its interval; a hollow diamond is the source’s figure. The claim is supported where the whole bar lies in the region.
page-source-says = The source says
page-its-figures = Its figures
page-claim-unrounded = Unrounded, under the name `{ $id }`, in `claims.json`.
page-name-in-claims = Name in `claims.json`: `{ $id }`

# Results.
page-results-caption = Validation accuracy after the last epoch: mean over seeds with its { $confidence } interval, which covers seeds (Student’s t) and test images (Wilson).
page-basis = by { $basis }
page-diverged = { $trials } diverged
page-failed = { $trials } failed
page-missing = { $trials } missing
page-chance-means = Chance is { $chance }, the share of the most frequent of { $classes } classes among { $images } test images. “Above chance” means that the whole interval lies above it, “at chance” that the interval reaches down to it and stays below { $ceiling }; the rest is inconclusive. The interval judged covers variation between seeds and the finite test set, or with one seed the test set alone.
page-chance-means-in-short = Chance is { $chance }, the share of the most frequent of { $classes } classes among { $images } test images. “Above chance” means that the whole interval lies above it, “at chance” that the interval reaches down to it and stays below { $ceiling }; the rest is inconclusive. The interval judged covers seeds and the finite test set, or with one seed the test set alone.
page-chance-unknown = No record of the images exists, so the chance level is not known.
page-results-of = { $quantity } at the end of each trial: mean over completed seeds with its { $confidence } interval, which covers variation between seeds (Student’s t).
page-chance-declared = The experiment gives chance as { $chance }. “Above chance” means that the whole interval lies above it, “at chance” that the interval reaches down to it and stays below { $ceiling }; the rest is inconclusive.
page-figures-of = “One more trial” is the { $confidence } range in which one further trial is expected.
page-one-command-for-programs = One command, in the folder that holds this file, runs every variant with every seed and renders this report again. It needs the interpreters and libraries that its commands name, and their data; the programs’ own files lie in `sources/`, unless they were too large to keep. `--trust` allows what came in a bundle to run.
page-shared-settings = What all variants share.
page-settings = Settings
answer-figures = { $quantity }: { $members }.
comparison-of = { $minuend } against { $subtrahend }, which differ only in { $setting } ({ $one } against { $other }): { $quantity } differs by { $difference }; { $finding }.
plot-final = Final { $quantity } by variant
plot-final-axis = { $quantity } at the end of each trial

# What was measured inside, and how fast.
page-probes-caption = What was measured inside the networks: means over probed trials. Signals and gradients are root mean squares; ratios are those of variances with dropout on to off, after training; updates are entries of a single image’s gradient that are zero only because of the mask.
page-probes-lead = Means over probed trials. Signals and gradients are root mean squares; ratios are those of variances with dropout on to off, after training; silenced updates are entries of a single image’s gradient that are zero only because of the mask.
page-no-cause = Nothing was measured inside the networks, and no pair of variants singles out a setting.
page-no-cause-of-programs = No pair of variants singles out a setting that decides whether it learns.
page-throughput-caption = Each variant at its own batch and image size. Rates are medians over rounds with their { $confidence } intervals (bootstrap over rounds); the cost of a step is that of training, relative to the network with neither normalisation nor dropout, round by round. Peak memory is that of the whole process, and so the most that a variant can need.
page-shares-caption = Where the least time of a training step goes, by kind of layer: counted layer by layer from the network’s shapes and the measured ceilings, not timed.
page-shares-lead = Where the least time of a training step goes, counted layer by layer and not timed:
page-shares-timed-caption = Where the time of a training step goes, by kind of layer: the layers of each kind timed by themselves, forwards and backwards, as a share of all layers; beside it, the least time that the ceilings allow over the time it took.
page-all-layers = all layers, ms

# Comparisons and limits.
page-pairs-caption = Differences in final { $quantity } between variants that differ in one setting, paired by seed, with their { $confidence } intervals.
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
page-one-command = One command, in the folder that holds this page, trains every variant with every seed and renders this page again. A single trial is a pure function of its key: the same key gives the same trial.
page-one-command-for-report = One command, in the folder that holds this file, trains every variant with every seed and renders this report again. A single trial is a pure function of its key: the same key gives the same trial.
page-checking = Checking takes no trust in whoever published this report. In the folder that holds this page, the first command checks all records against each other, the second renders the page again from the records, byte for byte, and the third checks the data files with their digests below:
page-checking-report = Checking takes no trust in whoever published this report. In the folder that holds this file, the first command checks all records against each other, the second renders the report again from the records, byte for byte, and the third checks the data files with their digests below:
page-digest = { $what } (SHA-256)
page-files = The experiment as it was resolved, with every default filled in, is `experiment.yaml` beside this page. The findings for programs are `results.json`, `results.csv` and `claims.json`; `results.tex` has them as tables for a paper, and `citation.bib` says how to cite them. Each trial’s records lie under `trials/`.
page-files-of-report = The experiment as it was resolved, with every default filled in, is `experiment.yaml` beside this file. The findings for programs are `results.json`, `results.csv` and `claims.json`; `results.tex` has them as tables for a paper, and `citation.bib` says how to cite them. Each trial’s records lie under `trials/`.
page-networks = The network of each variant.
page-variants-settings = The settings of each variant.
page-recipe = Training recipe, which minimises mean cross-entropy:
page-looks = Looks
view-looks = at { $looks } seeds of each variant; they share the error of a claim ({ $rule } spending), and the first that settles it is the last
spending-pocock = Pocock-type
spending-linear = linear
spending-quadratic = quadratic
spending-cubic = cubic
page-seeds-and-own = { $seeds }; of their own: { $own }
page-images = { $description }. { $train } training and { $test } test images of { $width }×{ $height } pixels in { $classes } classes.
page-classes = Images used of each class.
page-no-images = No record of the images exists.
page-trials-caption = All planned trials with the figures of their last epoch. Keys and digests are shortened; `results.csv` has them in full.
page-trials-lead = Figures of the last epoch. Keys and digests are shortened; `results.csv` has them in full.
page-made-by = { $n ->
    [one] Made by `retrial` from the records of { $planned } trial; the same data give the same page.
   *[other] Made by `retrial` from the records of { $planned } trials; the same data give the same page.
}

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
site-changes = What changed between them
site-report = Report
site-date = Date
site-claims = Claims
site-this-folder = this folder
site-verdicts = { $supported } supported, { $refuted } refuted, { $inconclusive } inconclusive
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
page-partial = { $n ->
    [one] This report is partial: { $missing } of { $planned } planned trials has not been run, and what it says rests on the others.
   *[other] This report is partial: { $missing } of { $planned } planned trials have not been run, and what it says rests on the others.
}
page-holds-if = Holds if the figure { $bound }.
page-all-alike = all seeds alike
page-code = Code
page-code-changed = with changes of its own
bound-rises = rises with every step
bound-falls = falls with every step
answer-all = { $n ->
    [one] the only variant: { $groups }
   *[other] of { $number } variants, { $groups }
}
cause-neither = { $n ->
    [one] One pair differs only in { $setting } ({ $one } against { $other }), and neither side learns: { $named }. So { $subject } has to be another than these two for that.
   *[other] { $pairs } differ only in { $setting } ({ $one } against { $other }), and neither side learns: { $named }. So { $subject } has to be another than these two for that.
}

## Beside what was published before

page-comparison = Compared with the publication of this experiment whose manifest is { $publication }: { $words }.
comparison-experiment = its experiment file is another in { $places }
comparison-bits = { $n ->
    [one] { $same } of { $published } has the published bits
   *[other] { $same } of { $published } have the published bits
}
comparison-absent = { $n ->
    [one] { $absent } of them is not finished here
   *[other] { $absent } of them are not finished here
}
comparison-others = { $n ->
    [one] { $others } was trained under other conditions ({ $reasons }), so its bits need not be the same
   *[other] { $others } were trained under other conditions ({ $reasons }), so their bits need not be the same
}
comparison-not-reproduced = not reproduced, under the same conditions another result: { $names }
comparison-figures = { $n ->
    [0] none of { $figures } is shown to differ
    [one] { $differing } of { $figures } is shown to differ
   *[other] { $differing } of { $figures } are shown to differ
}
comparison-verdicts = { $n ->
    [one] { $same } of { $all } is the same
   *[other] { $same } of { $all } are the same
}
comparison-verdict-changed = { $claim } was { $before } and is { $now }

## Pages in layers, and conclusions of an author

verb-above-chance = { $n ->
    [one] learns
   *[other] learn
}
verb-at-chance = { $n ->
    [one] stays at chance
   *[other] stay at chance
}
verb-inconclusive = { $n ->
    [one] may or may not learn
   *[other] may or may not learn
}
verb-diverged = { $n ->
    [one] diverges
   *[other] diverge
}
verb-not-judged = { $n ->
    [one] is not judged
   *[other] are not judged
}
verb-no-result = { $n ->
    [one] has no result
   *[other] have no result
}
cause-with = with { $value }
cause-without = without
cause-exception-in-brief = { $n ->
    [one] Something else can make up for it: { $names } learns { $fails }.
   *[other] Something else can make up for it: { $names } learn { $fails }.
}
conclusion-fallen = A conclusion of this experiment no longer stands: “{ $text }” It presumes that { $reasons }.
conclusion-presumed = claim { $number } is { $presumed }, which is { $found } now
conclusion-without-figure = there is a figure for { $name }, and there is none
page-report = Report
page-skip-to-content = Skip to the content
page-all-pages = Pages behind this report
page-article-says = What the source says
page-came-out = What came out
page-verdicts-of-all = The verdict on every claim
page-against = against it
page-for = for it
page-what-chance-is = What “at chance” and “above chance” mean
page-pairs-behind = The pairs of variants that show it
page-inside-leads = What was measured inside the networks
page-departures-counted = { $n ->
    [one] { $number } departure from the source
   *[other] { $number } departures from the source
}
page-limits-counted = { $n ->
    [one] { $number } thing that these data cannot show
   *[other] { $number } things that these data cannot show
}
page-check-in-short = No trust is needed. In the folder of this report, the first command checks every file and every figure against the raw records; the second runs all trials again.
page-method = How to check, and what was run
page-every-figure-and-trial = Every figure and every trial
page-found = What was found
page-drawn = Plots
page-what-it-is = What it is
page-parameters-of = { $parameters } parameters, { $trainable } of them trainable
page-inside-and-speed = Inside, and how fast
page-claims-about-it = Claims about it
page-details-lead = Everything behind this, claim by claim and trial by trial, is in [details.md](details.md), and as pages in `index.html`.
page-details-of = What stands behind [report.md](report.md): the evidence for each claim, every figure and every trial.
page-readme-lead = Each number leads to the evidence.
badge-claims = claims
badge-hold = { $hold } of { $claims } hold
page-evidence-of-it = Evidence
page-show = Show claims
page-show-all = all
