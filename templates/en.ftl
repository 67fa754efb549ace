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

## Plots

plot-sentence-separator = { " " }
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

probes-fades-before-training = Before training, the signal of { $variants } falls below { $level } at { $layer } (number { $place } of { $layers }) and is { $end } at the end.
probes-lasts-before-training = Before training, the signal of { $variants } nowhere falls below { $level } and is { $end } at the end.
probes-fades-after-training = After training, the signal of { $variants } falls below { $level } at { $layer } (number { $place } of { $layers }) and is { $end } at the end.
probes-lasts-after-training = After training, the signal of { $variants } nowhere falls below { $level } and is { $end } at the end.
probes-not-finite = In { $variant }, these are not finite numbers at any seed: { $parts }.
probes-signal-before-not-finite = its signal before training at { $number } of { $layers }
probes-signal-after-not-finite = its signal after training at { $number } of { $layers }
probes-gradient-not-finite = its gradient at { $number } of { $layers }
probes-shift = In { $variants }, the variance that normalisation sees with dropout on is { $ratios } that with dropout off.
probes-shift-depthwise = { $ratio } times behind depthwise convolutions
probes-shift-pointwise = { $ratio } times behind pointwise convolutions
probes-reestimation = Estimating the running statistics of { $variants } anew without dropout changes validation accuracy by { $gain } in the mean over seeds.
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
