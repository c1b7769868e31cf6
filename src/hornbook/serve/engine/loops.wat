;; The innermost loops of the page, by vectors of 128 bits (https://webassembly.github.io/spec). loops.js holds what
;; `wat2wasm loops.wat` makes of this, of Debian's package wabt; a test holds both to each other.
(module
  (memory (export "memory") 16)

  ;; Each byte from 0 to `end` becomes the larger of itself and the one `by` further on.
  (func (export "most") (param $by i32) (param $end i32) (local $i i32)
    (loop $on
      (v128.store (local.get $i)
        (i8x16.max_u (v128.load (local.get $i)) (v128.load (i32.add (local.get $i) (local.get $by)))))
      (br_if $on (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $end)))))

  ;; The smaller of both.
  (func (export "least") (param $by i32) (param $end i32) (local $i i32)
    (loop $on
      (v128.store (local.get $i)
        (i8x16.min_u (v128.load (local.get $i)) (v128.load (i32.add (local.get $i) (local.get $by)))))
      (br_if $on (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $end)))))

  ;; Add to c (m x wide) the product of a (m x k) and b (k x n): four rows and eight columns at once. Places and sides
  ;; are in bytes, m in rows; the rows of c are padded to eight columns, its number to four.
  (func (export "product") (param $a i32) (param $b i32) (param $c i32) (param $m i32) (param $k i32) (param $n i32) (param $wide i32)
    (local $j i32) (local $at i32) (local $row i32) (local $end i32) (local $to i32) (local $k2 i32) (local $k3 i32) (local $w2 i32) (local $w3 i32)
    (local $x v128) (local $p v128) (local $q v128)
    (local $s0 v128) (local $t0 v128) (local $s1 v128) (local $t1 v128) (local $s2 v128) (local $t2 v128) (local $s3 v128) (local $t3 v128)
    (local.set $k2 (i32.shl (local.get $k) (i32.const 1)))
    (local.set $k3 (i32.add (local.get $k2) (local.get $k)))
    (local.set $w2 (i32.shl (local.get $wide) (i32.const 1)))
    (local.set $w3 (i32.add (local.get $w2) (local.get $wide)))
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $to (i32.add (local.get $c) (local.get $j)))
        (local.set $s0 (v128.load (local.get $to)))
        (local.set $t0 (v128.load offset=16 (local.get $to)))
        (local.set $s1 (v128.load (i32.add (local.get $to) (local.get $wide))))
        (local.set $t1 (v128.load offset=16 (i32.add (local.get $to) (local.get $wide))))
        (local.set $s2 (v128.load (i32.add (local.get $to) (local.get $w2))))
        (local.set $t2 (v128.load offset=16 (i32.add (local.get $to) (local.get $w2))))
        (local.set $s3 (v128.load (i32.add (local.get $to) (local.get $w3))))
        (local.set $t3 (v128.load offset=16 (i32.add (local.get $to) (local.get $w3))))
        (local.set $row (i32.add (local.get $b) (local.get $j)))
        (local.set $at (local.get $a))
        (local.set $end (i32.add (local.get $a) (local.get $k)))
        (loop $sum
          (local.set $p (v128.load (local.get $row)))
          (local.set $q (v128.load offset=16 (local.get $row)))
          (local.set $row (i32.add (local.get $row) (local.get $n)))
          (local.set $x (v128.load32_splat (local.get $at)))
          (local.set $s0 (f32x4.add (local.get $s0) (f32x4.mul (local.get $x) (local.get $p))))
          (local.set $t0 (f32x4.add (local.get $t0) (f32x4.mul (local.get $x) (local.get $q))))
          (local.set $x (v128.load32_splat (i32.add (local.get $at) (local.get $k))))
          (local.set $s1 (f32x4.add (local.get $s1) (f32x4.mul (local.get $x) (local.get $p))))
          (local.set $t1 (f32x4.add (local.get $t1) (f32x4.mul (local.get $x) (local.get $q))))
          (local.set $x (v128.load32_splat (i32.add (local.get $at) (local.get $k2))))
          (local.set $s2 (f32x4.add (local.get $s2) (f32x4.mul (local.get $x) (local.get $p))))
          (local.set $t2 (f32x4.add (local.get $t2) (f32x4.mul (local.get $x) (local.get $q))))
          (local.set $x (v128.load32_splat (i32.add (local.get $at) (local.get $k3))))
          (local.set $s3 (f32x4.add (local.get $s3) (f32x4.mul (local.get $x) (local.get $p))))
          (local.set $t3 (f32x4.add (local.get $t3) (f32x4.mul (local.get $x) (local.get $q))))
          (br_if $sum (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end))))
        (v128.store (local.get $to) (local.get $s0))
        (v128.store offset=16 (local.get $to) (local.get $t0))
        (v128.store (i32.add (local.get $to) (local.get $wide)) (local.get $s1))
        (v128.store offset=16 (i32.add (local.get $to) (local.get $wide)) (local.get $t1))
        (v128.store (i32.add (local.get $to) (local.get $w2)) (local.get $s2))
        (v128.store offset=16 (i32.add (local.get $to) (local.get $w2)) (local.get $t2))
        (v128.store (i32.add (local.get $to) (local.get $w3)) (local.get $s3))
        (v128.store offset=16 (i32.add (local.get $to) (local.get $w3)) (local.get $t3))
        (br_if $columns (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 32))) (local.get $wide))))
      (local.set $a (i32.add (local.get $a) (i32.shl (local.get $k) (i32.const 2))))
      (local.set $c (i32.add (local.get $c) (i32.shl (local.get $wide) (i32.const 2))))
      (br_if $rows (i32.gt_s (local.tee $m (i32.sub (local.get $m) (i32.const 4))) (i32.const 0))))))
