//! Dense convolution, channels last, forward and both gradients: patches of a few images at a time, times the kernel.
//!
//! Images are `n x height x width x channels`, kernels `size * size * channels x outputs`, row-major.

use rayon::prelude::*;

use super::depthwise::Shape;
use super::gather::{fold_image, patch_rows};
use super::sum_in_order;

/// Values of patches that are laid out at a time: they stay in a second-level cache.
const PATCH_VALUES: usize = 1 << 18;
/// Groups of images whose gradients of the kernel are summed up by themselves; more threads than these have no use.
const GROUPS: usize = 16;

/// One convolution: its sizes, the side of its window, the distance of its taps, and the channels of its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sliding {
    /// Its channels are those of the input.
    pub shape: Shape,
    pub size: usize,
    pub dilation: usize,
    pub outputs: usize,
}

impl Sliding {
    fn patch(&self) -> usize {
        self.size * self.size * self.shape.channels
    }

    /// Pixels of one image's output.
    fn rows(&self) -> usize {
        self.shape.out_height * self.shape.out_width
    }

    /// Values of one image.
    fn image(&self) -> usize {
        self.shape.height * self.shape.width * self.shape.channels
    }

    /// Images whose patches are laid out at a time; depends on the sizes alone.
    fn at_a_time(&self) -> usize {
        (PATCH_VALUES / (self.rows() * self.patch()).max(1)).clamp(1, self.shape.images.max(1))
    }

    fn check(&self, x: &[f32], kernel: &[f32], y: &[f32]) {
        assert_eq!(x.len(), self.shape.input_len());
        assert_eq!(kernel.len(), self.patch() * self.outputs);
        assert_eq!(y.len(), self.shape.images * self.rows() * self.outputs);
    }

    /// The patches of these images.
    fn lay_out(&self, x: &[f32], out: &mut Vec<f32>) {
        let images = x.len() / self.image().max(1);
        // Every value is written.
        out.resize(images * self.rows() * self.patch(), 0.0);
        let line = self.shape.out_width * self.patch();
        for (index, out) in out.chunks_exact_mut(line).enumerate() {
            patch_rows(x, self.shape, (self.size, self.dilation), index, out);
        }
    }
}

/// A matrix in memory: its values, and the steps from a row and from a column to the next.
#[derive(Clone, Copy)]
struct Matrix<'a> {
    values: &'a [f32],
    row: usize,
    column: usize,
}

impl<'a> Matrix<'a> {
    /// `columns` values in each row.
    fn row_major(values: &'a [f32], columns: usize) -> Self {
        Self { values, row: columns, column: 1 }
    }

    fn transposed(self) -> Self {
        Self { row: self.column, column: self.row, ..self }
    }
}

/// `out = a b`, or `out + a b` where it `adds`; `out` `[m, n]`, `a` `[m, k]`, `b` `[k, n]`, on this thread alone.
fn product(out: &mut [f32], [m, n, k]: [usize; 3], a: Matrix<'_>, b: Matrix<'_>, adds: bool) {
    assert!(out.len() == m * n && a.values.len() == m * k && b.values.len() == k * n);
    let (beta, parallelism) = (1.0, gemm::Parallelism::None);
    // SAFETY: the lengths were asserted, and each matrix is row-major or the transpose of one, so that every offset that its
    // steps reach lies within its slice; `out` is borrowed mutably and overlaps with neither.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            adds,
            a.values.as_ptr(),
            a.column as isize,
            a.row as isize,
            b.values.as_ptr(),
            b.column as isize,
            b.row as isize,
            1.0,
            beta,
            false,
            false,
            false,
            parallelism,
        );
    }
}

/// `y = x * kernel`, as cross-correlation.
///
/// # Panics
/// When a slice is not as long as its shape says.
pub fn forward(x: &[f32], kernel: &[f32], sliding: Sliding, y: &mut [f32]) {
    sliding.check(x, kernel, y);
    let (images, patch, outputs) = (sliding.at_a_time(), sliding.patch(), sliding.outputs);
    let pieces = x.par_chunks(images * sliding.image()).zip(y.par_chunks_mut(images * sliding.rows() * outputs));
    pieces.for_each_init(Vec::new, |patches, (x, y)| {
        sliding.lay_out(x, patches);
        let sizes = [y.len() / outputs, outputs, patch];
        product(y, sizes, Matrix::row_major(patches, patch), Matrix::row_major(kernel, outputs), false);
    });
}

/// The gradient of the kernel, and that of `x` into `dx` where it is wanted.
///
/// # Panics
/// When a slice is not as long as its shape says.
pub fn backward(x: &[f32], kernel: &[f32], grad: &[f32], sliding: Sliding, dx: Option<&mut [f32]>) -> Vec<f32> {
    sliding.check(x, kernel, grad);
    let group = sliding.shape.images.div_ceil(GROUPS).max(1);
    let (of_x, of_grad) = (group * sliding.image(), group * sliding.rows() * sliding.outputs);
    let groups = x.par_chunks(of_x).zip(grad.par_chunks(of_grad));
    let partials: Vec<Vec<f32>> = match dx {
        Some(dx) => {
            assert_eq!(dx.len(), x.len());
            let groups = groups.zip(dx.par_chunks_mut(of_x));
            groups.map(|((x, grad), dx)| group_backward(x, kernel, grad, sliding, Some(dx))).collect()
        }
        None => groups.map(|(x, grad)| group_backward(x, kernel, grad, sliding, None)).collect(),
    };
    sum_in_order(partials, kernel.len())
}

/// As [`backward`], of some images, one piece after the other.
fn group_backward(x: &[f32], kernel: &[f32], grad: &[f32], sliding: Sliding, mut dx: Option<&mut [f32]>) -> Vec<f32> {
    let (images, patch, outputs) = (sliding.at_a_time(), sliding.patch(), sliding.outputs);
    let of_x = images * sliding.image();
    let (mut patches, mut grad_kernel) = (Vec::new(), vec![0.0; kernel.len()]);
    let pieces = x.chunks(of_x).zip(grad.chunks(images * sliding.rows() * outputs));
    for (piece, (x, grad)) in pieces.enumerate() {
        sliding.lay_out(x, &mut patches);
        let rows = grad.len() / outputs;
        let by_rows = Matrix::row_major(grad, outputs);
        let laid_out = Matrix::row_major(&patches, patch).transposed();
        product(&mut grad_kernel, [patch, outputs, rows], laid_out, by_rows, piece > 0);
        if let Some(dx) = &mut dx {
            let weights = Matrix::row_major(kernel, outputs).transposed();
            product(&mut patches, [rows, patch, outputs], by_rows, weights, false);
            let dx = &mut dx[piece * of_x..piece * of_x + x.len()];
            let (of_image, of_rows) = (sliding.image(), sliding.rows() * patch);
            for (dx, rows) in dx.chunks_exact_mut(of_image).zip(patches.chunks_exact(of_rows)) {
                fold_image(rows, sliding.shape, (sliding.size, sliding.dilation), dx);
            }
        }
    }
    grad_kernel
}
