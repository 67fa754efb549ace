"""The article's two networks in Keras 3, and the two that it left out: MobileNetV2 with and without batch normalisation,
with and without dropout after every ReLU6. Trains one of them and prints what it reached after every epoch."""

import argparse
import json
import pathlib

import keras
import numpy as np
import tensorflow as tf
from keras import layers

# Filters, stride, and how many blocks; the first block of each row widens, the others add to what they were given.
BLOCKS = [(24, 2, 2), (32, 2, 3), (64, 2, 4), (96, 1, 3), (160, 2, 3), (320, 1, 1)]


def mobilenet_v2(shape, classes, norm, rate):
    """The article's MobileNetV2: no bias but the classifier's, Keras's own initialisers, logits at the end."""

    def normalised(x):
        return layers.BatchNormalization()(x) if norm else x

    def activated(x):
        x = layers.ReLU(max_value=6)(normalised(x))
        return layers.Dropout(rate)(x) if rate else x

    def pointwise(x, filters):
        return layers.Conv2D(filters, 1, padding="same", use_bias=False)(x)

    def depthwise(x, stride):
        if stride == 2:
            x = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
        padding = "valid" if stride == 2 else "same"
        return layers.DepthwiseConv2D(3, strides=stride, padding=padding, use_bias=False)(x)

    images = keras.Input(shape)
    x = activated(layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(images))
    x = activated(depthwise(x, 1))
    x = normalised(pointwise(x, 16))
    for filters, stride, count in BLOCKS:
        for block in range(count):
            before = x
            x = activated(pointwise(x, 6 * x.shape[-1]))
            x = activated(depthwise(x, stride if block == 0 else 1))
            x = normalised(pointwise(x, filters))
            if block > 0:
                x = layers.Add()([x, before])
    x = activated(pointwise(x, 1280))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(classes)(x))


def split(folder, name):
    """Images in [0, 1] and their labels."""
    images = np.load(folder / f"{name}-images.npy").astype(np.float32) / 255
    return images, np.load(folder / f"{name}-labels.npy").astype(np.int32)


def batches(images, labels, size, shuffled=False):
    data = tf.data.Dataset.from_tensor_slices((images, labels))
    if shuffled:
        data = data.shuffle(len(images))
    return data.batch(size)


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--images", type=pathlib.Path, required=True, help="folder with arrays")
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--norm", choices=["batch", "none"], required=True)
parser.add_argument("--dropout", type=float, default=0.0, help="rate")
parser.add_argument("--epochs", type=int, required=True)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--learning-rate", type=float, default=0.1)
arguments = parser.parse_args()

tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
keras.utils.set_random_seed(arguments.seed)
tf.config.experimental.enable_op_determinism()

train_images, train_labels = split(arguments.images, "train")
test = batches(*split(arguments.images, "test"), 250)
classes = len(json.loads((arguments.images / "classes.json").read_text()))
model = mobilenet_v2(train_images.shape[1:], classes, arguments.norm == "batch", arguments.dropout)
model.compile(
    optimizer=keras.optimizers.SGD(arguments.learning_rate),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
print(f"parameters: {model.count_params()}")


def tell(epoch, logs):
    print(
        f"epoch: {epoch + 1}, train_loss: {logs['loss']}, train_accuracy: {logs['accuracy']}, "
        f"val_loss: {logs['val_loss']}, val_accuracy: {logs['val_accuracy']}"
    )


model.fit(
    batches(train_images, train_labels, arguments.batch_size, shuffled=True),
    epochs=arguments.epochs,
    validation_data=test,
    verbose=0,
    callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=tell)],
)
