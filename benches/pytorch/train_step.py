#!/usr/bin/env python3
"""The peer: a PyTorch training step of the same network (BatchNorm, ReLU6, dropout 0.1), SGD, cross-entropy.

Speaks a line protocol so that another program can alternate with it: each line `run N` on standard input trains N steps
and answers `images_per_second X`; `quit` ends it. Before the first line it answers `ready`, and `peak_kib X` when it ends:
what tensors took of the GPU at most, or the process of the host.
"""

import argparse
import resource
import sys
import time

import torch
from torch import nn

GROUPS = [(16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)]


class Post(nn.Sequential):
    """What follows a convolution: batch normalisation, then ReLU6 and dropout where the layer is activated."""

    def __init__(self, channels, rate, activated):
        layers = [nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)]
        if activated:
            layers += [nn.ReLU6(inplace=True), nn.Dropout(rate)]
        super().__init__(*layers)


class Block(nn.Module):
    """Inverted residual block; stride 2 pads one row below and one column to the right, as Keras does."""

    def __init__(self, inputs, outputs, stride, expand, rate):
        super().__init__()
        hidden = inputs * 6 if expand else inputs
        layers = []
        if expand:
            layers += [nn.Conv2d(inputs, hidden, 1, bias=False), Post(hidden, rate, True)]
        if stride == 2:
            layers.append(nn.ZeroPad2d((0, 1, 0, 1)))
        layers += [
            nn.Conv2d(hidden, hidden, 3, stride, 0 if stride == 2 else 1, groups=hidden, bias=False),
            Post(hidden, rate, True),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            Post(outputs, rate, False),
        ]
        self.layers = nn.Sequential(*layers)
        self.shortcut = stride == 1 and inputs == outputs and expand

    def forward(self, x):
        y = self.layers(x)
        return x + y if self.shortcut else y


def network(rate, classes=10):
    layers = [nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(3, 32, 3, 2, bias=False), Post(32, rate, True)]
    inputs, first = 32, True
    for outputs, repetitions, stride in GROUPS:
        for repetition in range(repetitions):
            layers.append(Block(inputs, outputs, stride if repetition == 0 else 1, not first, rate))
            inputs, first = outputs, False
    layers += [nn.Conv2d(inputs, 1280, 1, bias=False), Post(1280, rate, True)]
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, classes)]
    return nn.Sequential(*layers)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--threads", type=int, default=0, help="0: PyTorch's default")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--format", choices=["channels_last", "contiguous"], default="channels_last")
    parser.add_argument("--precision", choices=["fp32", "tf32", "bf16"], default="fp32")
    modes = ["default", "reduce-overhead", "max-autotune", "max-autotune-no-cudagraphs"]
    parser.add_argument("--compile", nargs="?", const="default", choices=modes, help="torch.compile the network in this mode")
    parser.add_argument("--backend", default="inductor", help="of torch.compile; another than inductor has no modes")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = arguments.precision == "tf32"
    layout = torch.channels_last if arguments.format == "channels_last" else torch.contiguous_format
    model = network(arguments.rate).to(arguments.device, memory_format=layout)
    forward = model
    if arguments.compile:
        mode = arguments.compile if arguments.backend == "inductor" else None
        forward = torch.compile(model, backend=arguments.backend, mode=mode)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    shape = (arguments.batch, 3, arguments.size, arguments.size)
    images = torch.rand(shape, device=arguments.device).to(memory_format=layout)
    labels = torch.arange(arguments.batch, device=arguments.device) % 10
    cuda = arguments.device.startswith("cuda")

    def step():
        if arguments.compile:
            torch.compiler.cudagraph_mark_step_begin()
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(arguments.device.split(":")[0], torch.bfloat16, enabled=arguments.precision == "bf16"):
            loss = nn.functional.cross_entropy(forward(images), labels)
        loss.backward()
        optimizer.step()
        return loss

    for _ in range(3):
        step().item()
    print("ready", flush=True)
    for line in sys.stdin:
        words = line.split()
        if words[:1] != ["run"]:
            break
        start = time.perf_counter()
        for _ in range(int(words[1])):
            loss = step()
        loss.item()
        if cuda:
            torch.cuda.synchronize()
        elapsed = time.perf_counter() - start
        print(f"images_per_second {int(words[1]) * arguments.batch / elapsed:.3f}", flush=True)
    peak = torch.cuda.max_memory_allocated() / 1024 if cuda else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak_kib {peak:.0f}", flush=True)


if __name__ == "__main__":
    main()
