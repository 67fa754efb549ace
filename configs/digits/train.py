"""Trains a linear classifier on the digits that come with scikit-learn, and prints what it reached after every epoch."""

import argparse

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--pixels", choices=["raw", "standardised"], default="raw")
parser.add_argument("--epochs", type=int, default=5)
arguments = parser.parse_args()

images, labels = load_digits(return_X_y=True)
# The same images are held out whatever the seed: seeds vary the training alone.
train_images, test_images, train_labels, test_labels = train_test_split(images, labels, test_size=0.3, random_state=0)
if arguments.pixels == "standardised":
    scaler = StandardScaler().fit(train_images)
    train_images, test_images = scaler.transform(train_images), scaler.transform(test_images)

model = SGDClassifier(random_state=arguments.seed)
order = np.random.default_rng(arguments.seed)
for epoch in range(1, arguments.epochs + 1):
    shuffled = order.permutation(len(train_labels))
    model.partial_fit(train_images[shuffled], train_labels[shuffled], classes=np.arange(10))
    print(f"epoch: {epoch}, accuracy: {model.score(test_images, test_labels):.4f}")
