//! Memory that a kernel fills.

use std::mem::MaybeUninit;

use super::for_each_task;

/// Where a kernel writes its result: memory that need not hold values yet.
///
/// Each piece is zeroed by the task that works on it, right before, while it is in a cache: zeroing all of it beforehand
/// would send it through memory once more, on one thread.
#[derive(Debug)]
pub struct Out<'a>(&'a mut [MaybeUninit<f32>]);

impl<'a> Out<'a> {
    pub fn new(values: &'a mut [MaybeUninit<f32>]) -> Self {
        Self(values)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of it, zeroed at once: for kernels that cut their work otherwise.
    pub fn zeroed(self) -> &'a mut [f32] {
        zeroed(self.0)
    }

    /// As [`for_each_task`], on zeroed pieces; returns what the tasks wrote.
    pub(crate) fn for_each_task(
        self,
        width: usize,
        rows_per_task: usize,
        task: impl Fn(usize, &mut [f32]) + Sync + Send,
    ) -> &'a mut [f32] {
        for_each_task(self.0, width, rows_per_task, |first, piece| task(first, zeroed(piece)));
        // SAFETY: the pieces are the whole, and `zeroed` has initialised each of them.
        unsafe { self.0.assume_init_mut() }
    }
}

impl<'a> From<&'a mut [f32]> for Out<'a> {
    fn from(values: &'a mut [f32]) -> Self {
        // SAFETY: the layout is the same, and nothing here ever writes what is not a value: `Out` gives its memory away
        // only after it has been initialised.
        Self(unsafe { &mut *(std::ptr::from_mut(values) as *mut [MaybeUninit<f32>]) })
    }
}

fn zeroed(values: &mut [MaybeUninit<f32>]) -> &mut [f32] {
    values.fill(MaybeUninit::new(0.0));
    // SAFETY: every value has just been written.
    unsafe { values.assume_init_mut() }
}

/// `len` values that `fill` writes.
///
/// # Panics
/// When `fill` returns anything but the memory that it was given.
pub fn filled(len: usize, fill: impl for<'a> FnOnce(Out<'a>) -> &'a mut [f32]) -> Vec<f32> {
    let mut values = Vec::with_capacity(len);
    let spare = &mut values.spare_capacity_mut()[..len];
    let start = spare.as_ptr().cast::<f32>();
    let written = fill(Out(spare));
    assert!(std::ptr::eq(written.as_ptr(), start) && written.len() == len, "not the memory that was to be filled");
    // SAFETY: what was returned are `len` initialised values at the start of the vector's memory, which holds as many.
    unsafe { values.set_len(len) };
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_get_zeros_and_what_they_write_is_the_result() {
        let found = filled(7, |out| {
            out.for_each_task(1, 2, |first, piece| {
                assert!(piece.iter().all(|value| *value == 0.0));
                piece.iter_mut().enumerate().for_each(|(index, value)| *value = (first + index) as f32);
            })
        });
        assert_eq!(found, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert!(filled(0, |out| out.zeroed()).is_empty());
    }

    #[test]
    #[should_panic(expected = "not the memory that was to be filled")]
    fn memory_that_was_not_filled_is_not_taken_for_values() {
        filled(3, |_| Box::leak(vec![1.0; 3].into_boxed_slice()));
    }
}
