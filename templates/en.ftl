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
