"""What the machine is, in words: its GPU, driver, PyTorch and system. Names no host."""

import platform
import subprocess

import torch

print("system:", platform.system(), platform.release(), platform.machine(), *platform.libc_ver())
print("Python:", platform.python_version())
print("PyTorch:", torch.__version__, "CUDA", torch.version.cuda, "cuDNN", torch.backends.cudnn.version())
if torch.cuda.is_available():
    for index in range(torch.cuda.device_count()):
        about = torch.cuda.get_device_properties(index)
        print(f"GPU {index}: {about.name}, {about.total_memory / 2**30:.1f} GiB, {about.multi_processor_count} multiprocessors,",
              f"compute capability {about.major}.{about.minor}")
else:
    print("GPU: none")
wanted = "name,driver_version,clocks.max.sm,clocks.max.mem,power.limit,temperature.gpu,utilization.gpu,memory.used"
try:
    subprocess.run(["nvidia-smi", f"--query-gpu={wanted}", "--format=csv"], check=False)
except OSError as error:
    print("nvidia-smi:", error)
