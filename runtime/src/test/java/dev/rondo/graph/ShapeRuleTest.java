package dev.rondo.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rondo.error.ShapeException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every shape rule: what it gives, and what it refuses with which words. A row is inputs, node, result; weights are
 * inputs here, since a rule does not ask where a value comes from.
 */
class ShapeRuleTest {
    private static final String BODIES = """
        function sum(x: f32[B,I], k: f32[I]) -> y {
            state total: f32[B,I] <- y
            t = add(total, x)
            y = multiply(t, k)
        }
        function scalar(x: i32[]) -> y {
            y = negate(x)
        }
        function fixed(x: f32[2,3]) -> z {
            z = negate(x)
        }
        function rowless(x: f32[B,I]) -> n {
            r = reduce_sum(x, axis=1)
            n = reduce_sum(r, axis=0)
        }
        function remembers(x: f32[B]) -> m {
            state memory: f32[B,S]
            m = reduce_sum(memory, axis=1)
        }
        """;

    private static final String ACCEPTED = """
        x: i32[B,3]                      | y = negate(x)                             | i32[B,3]
        x: f64[B,3]                      | y = exp(x)                                | f64[B,3]
        x: f32[]                         | y = activate(x, function=elu(0.5))        | f32[]
        a: f32[B,1,3], b: f32[T,1]       | y = add(a, b)                             | f32[B,T,3]
        a: i64[B], b: i64[]              | y = maximum(a, b)                         | i64[B]
        a: bool[B], b: bool[1]           | y = and(a, b)                             | bool[B]
        a: f32[B], b: f32[B]             | y = power(a, b)                           | f32[B]
        a: i32[B,1], b: i32[3]           | y = less_equal(a, b)                      | bool[B,3]
        x: bool[B]                       | y = not(x)                                | bool[B]
        c: bool[B,1], a: i32[], b: i32[3]| y = where(c, a, b)                        | i32[B,3]
        x: bool[B]                       | y = cast(x, to=f32)                       | f32[B]
        a: f32[B,3], b: f32[B,H]         | y = concat(a, b, axis=-1)                 | f32[B,H+3]
        a: i32[B]                        | y = concat(a, axis=0)                     | i32[B]
        x: f32[B,T]                      | y = slice(x, axis=1, start=T-1, length=1) | f32[B,1]
        x: f32[9]                        | y = slice(x, axis=0, start=1, length=4, step=2) | f32[4]
        x: f32[9]                        | y = slice(x, axis=0, start=9, length=0)   | f32[0]
        x: f32[B,T,2*H]                  | y = reshape(x, shape=[B*T,2,H])           | f32[B*T,2,H]
        x: f32[1,1]                      | y = reshape(x, shape=[])                  | f32[]
        x: f32[B,T,3]                    | y = transpose(x, permutation=[2,0,1])     | f32[3,B,T]
        x: f32[1,3]                      | y = expand(x, shape=[B,T,3])              | f32[B,T,3]
        x: f32[B,5]                      | y = pad(x, axis=1, before=4, after=0, mode=reflect) | f32[B,9]
        x: bool[B,T]                     | y = pad(x, axis=1, before=1, after=2, mode=zero) | bool[B,T+3]
        t: f32[V,E], i: i32[B,T]         | y = gather(t, i)                          | f32[B,T,E]
        t: i32[V], i: i64[]              | y = gather(t, i)                          | i32[]
        x: f32[B,T,V], i: i64[B,T]       | y = pick(x, i)                            | f32[B,T]
        n: i32[B]                        | y = length_mask(n, size=T+1)              | bool[B,T+1]
        x: f32[B]                        | y = fill(element=f32, value=0.5, shape=[B,3]) | f32[B,3]
        x: f32[B,T]                      | y = size(dim=B*T, element=i32)            | i32[]
        x: f32[B,T,3], w: f32[5,3], b: f32[5] | y = linear(x, w, bias=b)             | f32[B,T,5]
        x: f32[3], w: f32[H,3]           | y = linear(x, w)                          | f32[H]
        a: f32[B,1,3], b: f32[B,3,T]     | y = matmul(a, b)                          | f32[B,1,T]
        a: f32[4,2,3], b: f32[1,7,3]     | y = matmul(a, b, transpose_b=true)        | f32[4,2,7]
        x: f32[B,T,4], w: f32[6,3,2], b: f32[6] | y = conv1d(x, w, bias=b, stride=2, dilation=2, groups=2, before=1) | f32[B,T/2-1,6]
        x: f32[B,640,1], w: f32[258,256,1] | y = conv1d(x, w, stride=128)            | f32[B,4,258]
        x: f32[B,T,3]                    | y = reduce_mean(x, axis=1)                | f32[B,3]
        x: f32[B,T]                      | y = reduce_log_sum_exp(x, axis=-1, keep=true) | f32[B,1]
        x: f32[B,T]                      | y = argmax(x, axis=1)                     | i64[B]
        x: f32[B,T], m: bool[T]          | y = softmax(x, mask=m)                    | f32[B,T]
        x: f32[3]                        | y = log_softmax(x)                        | f32[3]
        x: f32[B,3], g: f32[3], b: f32[3]| y = layer_norm(x, gain=g, bias=b, epsilon=1e-5) | f32[B,3]
        x: f32[B,T,3], n: i32[B]         | y = pool_time(x, lengths=n, pooling=last) | f32[B,3]
        x: f32[B,T,3]                    | y = pool_window(x, pooling=max, size=2, stride=2) | f32[B,T/2,3]
        x: f32[B,3], h: f32[B,4], u: f32[4,4], w: f32[4,3], b: f32[4] | y = elman_cell(x, h, u, weight_input=w, bias=b, activation=relu) | f32[B,4]
        x: f32[B,T,4], u: f32[4,4]       | y, h = elman(x, u, activation=tanh)       | f32[B,T,4]; f32[B,4]
        x: f32[B,16], h: f32[B,4], c: f32[B,4], u: f32[16,4], p: f32[3,4] | y, d = lstm_cell(x, h, c, u, peepholes=p) | f32[B,4]; f32[B,4]
        x: f32[B,5], h: f32[B,2], c: f32[B,4], u: f32[16,2], w: f32[16,5], r: f32[2,4] | y, d = lstm_cell(x, h, c, u, weight_input=w, projection=r) | f32[B,2]; f32[B,4]
        x: f32[B,T,5], n: i32[B], u: f32[4*H,H], w: f32[4*H,5] | y, h, c = lstm(x, u, weight_input=w, lengths=n, reverse=true) | f32[B,T,H]; f32[B,H]; f32[B,H]
        x: f32[B,5], h: f32[B,4], u: f32[12,4], w: f32[12,5], b: f32[12], d: f32[4] | y = gru_cell(x, h, u, weight_input=w, bias=b, hidden_bias=d, reset_after=true) | f32[B,4]
        x: f32[B,T,12], h: f32[B,4], u: f32[12,4] | y, l = gru(x, u, h=h, reset_after=false, repeat=true) | f32[B,T,4]; f32[B,4]
        x: f32[B,T,3], k: f32[3], n: i32[B] | y, l = scan(sum, over(x=x), with(k=k), lengths=n) | f32[B,T,3]; f32[B,3]
        x: f32[7,T,2*H], k: f32[2*H], s: f32[7,2*H] | y, l = scan(sum, over(x=x), with(k=k), from(total=s)) | f32[7,T,2*H]; f32[7,2*H]
        x: i32[T]                        | y = scan(scalar, over(x=x), reverse=true) | i32[T]
        """;

    private static final String REFUSED = """
        x: i32[B]                        | y = exp(x)                                | 'x'; F32, F64; x: i32[B]
        x: bool[B]                       | y = negate(x)                             | 'x'; I32; x: bool[B]
        x: f64[B]                        | y = activate(x, function=tanh)            | 'x'; F32; x: f64[B]
        a: f32[B], b: i32[B]             | y = add(a, b)                             | 'b'; F32; b: i32[B]
        a: bool[B], b: bool[B]           | y = add(a, b)                             | 'a'; a: bool[B]
        a: f32[B], b: bool[B]            | y = or(a, b)                              | 'a'; BOOL; a: f32[B]
        a: i32[B], b: i32[B]             | y = power(a, b)                           | 'a'; a: i32[B]
        a: f32[B,3], b: f32[B,4]         | y = multiply(a, b)                        | broadcast; [B, 3] and [B, 4]
        a: f32[B,3], b: f32[B]           | y = less(a, b)                            | broadcast; [B, 3] and [B]
        a: f32[B], b: f64[B]             | y = equal(a, b)                           | 'b'; F32; b: f64[B]
        x: f32[B]                        | y = not(x)                                | 'x'; BOOL; x: f32[B]
        c: f32[B], a: f32[B], b: f32[B]  | y = where(c, a, b)                        | 'condition'; BOOL; c: f32[B]
        c: bool[B], a: f32[B], b: i32[B] | y = where(c, a, b)                        | 'b'; F32; b: i32[B]
        c: bool[4], a: f32[3], b: f32[3] | y = where(c, a, b)                        | broadcast; [4] and [3]
        a: f32[B,3], b: f32[S,3]         | y = concat(a, b, axis=1)                  | 'part'; f32[B,?]; b: f32[S,3]
        a: f32[B,3], b: i32[B,3]         | y = concat(a, b, axis=1)                  | 'part'; f32[B,?]; b: i32[B,3]
        a: f32[B]                        | y = concat(a, axis=1)                     | axis; 'part'; axis 1 of f32[B]
        x: f32[9]                        | y = slice(x, axis=0, start=8, length=2)   | within the axis; start 8 length 2; f32[9]
        x: f32[9]                        | y = slice(x, axis=0, start=1, length=5, step=2) | within the axis
        x: f32[B,T]                      | y = slice(x, axis=1, start=T, length=1)   | within the axis; start T length 1
        x: f32[B,T]                      | y = slice(x, axis=1, start=-1, length=1)  | within the axis; start -1
        x: f32[B,T]                      | y = slice(x, axis=1, start=0, length=-1)  | within the axis; length -1
        x: f32[B,T]                      | y = slice(x, axis=2, start=0, length=1)   | axis; axis 2 of f32[B,T]
        x: f32[B,6]                      | y = reshape(x, shape=[B,4])               | number of elements; f32[B,6] to [B, 4]
        x: f32[6]                        | y = reshape(x, shape=[-2,-3])             | none negative
        x: f32[B,6]                      | y = transpose(x, permutation=[0,0])       | every axis of x once; [0, 0] of f32[B,6]
        x: f32[B,6]                      | y = transpose(x, permutation=[0,2])       | every axis of x once
        x: f32[B,6]                      | y = transpose(x, permutation=[0])         | every axis of x once
        x: f32[B,3]                      | y = expand(x, shape=[B,1])                | stretches to [B, 1]; f32[B,3]
        x: f32[B,2]                      | y = expand(x, shape=[B,3])                | broadcast
        x: f32[B,5]                      | y = pad(x, axis=1, before=5, after=0, mode=reflect) | reflected; pad 5,0 of f32[B,5]
        x: f32[B,5]                      | y = pad(x, axis=-3, before=0, after=0, mode=zero) | axis; axis -3 of f32[B,5]
        x: f32[B]                        | y = fill(element=f32, value=0.5, shape=[-1]) | none negative; f32[-1]
        t: f32[], i: i32[B]              | y = gather(t, i)                          | 'table'; rank 1; t: f32[]
        t: f32[V,E], i: f32[B]           | y = gather(t, i)                          | 'index'; I32, I64; i: f32[B]
        t: f32[1,1,1,1,1], i: i32[1,1,1,1,1] | y = gather(t, i)                      | at most 8 dimensions; gather
        x: f32[B,V], i: i32[B,T]         | y = pick(x, i)                            | 'index'; x is f32[B,V]; i: i32[B,T]
        x: f32[B,V], i: f32[B]           | y = pick(x, i)                            | 'index'; I32, I64; i: f32[B]
        n: i64[B]                        | y = length_mask(n, size=T)                | 'lengths'; i32[?]; n: i64[B]
        n: i32[B,T]                      | y = length_mask(n, size=T)                | 'lengths'; i32[?]; n: i32[B,T]
        x: i32[B,3], w: f32[5,3]         | y = linear(x, w)                          | 'x'; F32; x: i32[B,3]
        x: f32[], w: f32[5,3]            | y = linear(x, w)                          | 'x'; rank 1; x: f32[]
        x: f32[B,3], w: f32[3,5]         | y = linear(x, w)                          | 'weight'; f32[?,3]; w: f32[3,5]
        x: f32[B,3], w: f32[5,3], b: f32[3] | y = linear(x, w, bias=b)               | 'bias'; f32[5]; b: f32[3]
        a: f32[B,3], b: f32[4,5]         | y = matmul(a, b)                          | inner dimensions; f32[B,3] and f32[4,5]
        a: f32[B,3], b: f32[4,5]         | y = matmul(a, b, transpose_b=true)        | inner dimensions; transposed
        a: f32[3], b: f32[3,5]           | y = matmul(a, b)                          | 'a'; rank 2; a: f32[3]
        a: f32[3,3], b: f32[3]           | y = matmul(a, b)                          | 'b'; rank 2; b: f32[3]
        a: f32[2,3,3], b: f32[4,3,3]     | y = matmul(a, b)                          | broadcast; [2] and [4]
        x: f32[B,4], w: f32[6,3,4]       | y = conv1d(x, w)                          | 'x'; f32[?,?,?]; x: f32[B,4]
        x: f32[B,T,4], w: f32[6,4]       | y = conv1d(x, w)                          | 'weight'; f32[?,?,?]; w: f32[6,4]
        x: f32[B,T,4], w: f32[6,K,4]     | y = conv1d(x, w)                          | 'weight'; fixed size; w: f32[6,K,4]
        x: f32[B,T,4], w: f32[6,3,2]     | y = conv1d(x, w)                          | C/groups; x f32[B,T,4]; weight f32[6,3,2]
        x: f32[B,T,4], w: f32[5,3,2]     | y = conv1d(x, w, groups=2)                | groups divides O; weight f32[5,3,2]
        x: f32[B,T,4], w: f32[6,3,4], b: f32[5] | y = conv1d(x, w, bias=b)           | 'bias'; f32[6]; b: f32[5]
        x: f32[B,3,4], w: f32[6,3,4]     | y = conv1d(x, w, dilation=2)              | kernel fits; kernel 5, sequence 3
        x: f32[B,T]                      | y = reduce_sum(x, axis=2)                 | axis; 'x'; axis 2 of f32[B,T]
        x: i32[B,T]                      | y = reduce_sum(x, axis=1)                 | 'x'; F32; x: i32[B,T]
        x: f32[]                         | y = reduce_max(x, axis=0)                 | 'x'; rank 1; x: f32[]
        x: i64[B,T]                      | y = argmax(x, axis=1)                     | 'x'; F32; x: i64[B,T]
        x: f32[B,T]                      | y = argmax(x, axis=-3)                    | axis; axis -3 of f32[B,T]
        x: i32[B]                        | y = softmax(x)                            | 'x'; F32; x: i32[B]
        x: f32[B,T], m: f32[B,T]         | y = softmax(x, mask=m)                    | 'mask'; BOOL; m: f32[B,T]
        x: f32[1,T], m: bool[B,T]        | y = softmax(x, mask=m)                    | 'mask'; broadcasts to f32[1,T]; m: bool[B,T]
        x: f32[B,3], g: f32[4]           | y = layer_norm(x, gain=g, epsilon=0.1)    | 'gain'; f32[3]; g: f32[4]
        x: f32[B,3], b: f32[B,3]         | y = layer_norm(x, bias=b, epsilon=0.1)    | 'bias'; f32[3]; b: f32[B,3]
        x: f32[B,3]                      | y = pool_time(x, pooling=mean)            | 'x'; f32[?,?,?]; x: f32[B,3]
        x: f32[B,T,3], n: i64[B]         | y = pool_time(x, lengths=n, pooling=mean) | 'lengths'; i32[B]; n: i64[B]
        x: f32[B,3,2]                    | y = pool_window(x, pooling=max, size=4, stride=1) | window fits; window 4, sequence 3
        x: f32[B,3]                      | y = pool_window(x, pooling=max, size=4, stride=1) | 'x'; f32[?,?,?]
        x: f32[3], h: f32[B,4], u: f32[4,4] | y = elman_cell(x, h, u, activation=tanh) | 'x'; f32[?,?]; x: f32[3]
        x: f32[B,4], h: f32[B,4], u: f32[5,4] | y = elman_cell(x, h, u, activation=tanh) | 'weight_hidden'; 1 gates of 4; u: f32[5,4]
        x: f32[B,3], h: f32[B,4], u: f32[4,4] | y = elman_cell(x, h, u, activation=tanh) | 'x'; 4 pre-activations; x: f32[B,3]
        x: f32[B,3], h: f32[B,4], u: f32[4,4], w: f32[4,4] | y = elman_cell(x, h, u, weight_input=w, activation=tanh) | 'weight_input'; f32[4,3]; w: f32[4,4]
        x: f32[B,4], h: f32[B,4], u: f32[4,4], b: f32[3] | y = elman_cell(x, h, u, bias=b, activation=tanh) | 'bias'; f32[4]; b: f32[3]
        x: f32[B,4], h: f32[T,4], u: f32[4,4] | y = elman_cell(x, h, u, activation=tanh) | 'h'; f32[B,4]; h: f32[T,4]
        x: f32[B,4], u: f32[4,4]         | y, h = elman(x, u, activation=tanh)       | 'x'; f32[?,?,?]; x: f32[B,4]
        x: f32[B,T,4], u: f32[4,4], n: i32[T] | y, h = elman(x, u, lengths=n, activation=tanh) | 'lengths'; i32[B]; n: i32[T]
        x: f32[B,16], h: f32[B,4], c: f32[B,4], u: f32[12,4] | y, d = lstm_cell(x, h, c, u) | 'weight_hidden'; 4 gates of 4; u: f32[12,4]
        x: f32[B,16], h: f32[B,4], c: f32[B,5], u: f32[16,4] | y, d = lstm_cell(x, h, c, u) | 'c'; f32[B,4]; c: f32[B,5]
        x: f32[B,16], h: f32[B,4], c: f32[B,4], u: f32[16,4], p: f32[4,4] | y, d = lstm_cell(x, h, c, u, peepholes=p) | 'peepholes'; f32[3,4]; p: f32[4,4]
        x: f32[B,16], h: f32[B,4], c: f32[B,4], u: f32[16,4], r: f32[3,4] | y, d = lstm_cell(x, h, c, u, projection=r) | 'projection'; f32[4,?]; r: f32[3,4]
        x: f32[B,T,5], h: f32[B,4], u: f32[16,4], w: f32[16,6] | y, l, c = lstm(x, u, h=h, weight_input=w) | 'weight_input'; f32[16,5]; w: f32[16,6]
        x: f32[B,T,16], u: f32[16,4], c: f32[B,3] | y, h, d = lstm(x, u, c=c)        | 'c'; f32[B,4]; c: f32[B,3]
        x: f32[B,12], h: f32[B,4], u: f32[16,4] | y = gru_cell(x, h, u, reset_after=true) | 'weight_hidden'; 3 gates of 4; u: f32[16,4]
        x: f32[B,12], h: f32[B,4], u: f32[12,4], d: f32[4] | y = gru_cell(x, h, u, hidden_bias=d, reset_after=false) | hidden_bias; reset_after=true
        x: f32[B,T,12], u: f32[12,4], d: f32[12] | y, h = gru(x, u, hidden_bias=d, reset_after=true) | 'hidden_bias'; f32[4]; d: f32[12]
        x: f32[B,T,12], u: f32[12,4], d: f32[4] | y, h = gru(x, u, hidden_bias=d, reset_after=false) | hidden_bias; reset_after=true
        x: f32[B,3], k: f32[3]           | y, l = scan(sum, over(x=x), with(k=k))    | 'x'; a sequence of f32[B,I]; x: f32[B,3]
        x: f32[B,T,3], k: f32[4]         | y, l = scan(sum, over(x=x), with(k=k))    | 'k'; f32[I]; k: f32[4]
        x: f32[B,T,3], k: f32[3], s: f32[B,4] | y, l = scan(sum, over(x=x), with(k=k), from(total=s)) | 'total'; f32[B,I]; s: f32[B,4]
        x: f32[B,T,3], k: f32[3,S]       | y, l = scan(sum, over(x=x, k=k))          | as many steps; T and S
        x: f64[B,T,3], k: f32[3]         | y, l = scan(sum, over(x=x), with(k=k))    | 'x'; f32[B,I]; x: f64[B,T,3]
        x: f32[2,T,4]                    | y = scan(fixed, over(x=x))                | 'x'; f32[2,3]; x: f32[2,T,4]
        x: f32[B,T,3], k: f32[3], n: i32[T] | y, l = scan(sum, over(x=x), with(k=k), lengths=n) | with lengths; T rows; y: f32[B,I]
        x: f32[B,T,3], k: f32[3], n: i64[B] | y, l = scan(sum, over(x=x), with(k=k), lengths=n) | 'lengths'; i32[?]; n: i64[B]
        x: f32[B,T,3], n: i32[B]         | y = scan(rowless, over(x=x), lengths=n)   | with lengths; B rows; n: f32[]
        x: f32[B,T]                      | y = scan(remembers, over(x=x))            | size of state 'memory'; memory: f32[B,S]
        a: f32[9000000000000000000], b: f32[9000000000000000000] | y = concat(a, b, axis=0) | 64 bits; overflow
        """;

    private record Row(String inputs, String node, List<String> result) {
        static List<Row> of(String table) {
            return table.lines()
                    .map(line -> line.split(" *\\| *"))
                    .map(cells -> new Row(
                            cells[0].strip(),
                            cells[1].strip(),
                            List.of(cells[2].strip().split("; *"))))
                    .toList();
        }

        String text() {
            return BODIES + "function f(" + inputs + ") {\n    " + node + "\n}\n";
        }

        String operator() {
            return node.replaceAll("^[^=]*= *([a-z_0-9]+)\\(.*$", "$1");
        }
    }

    @TestFactory
    List<DynamicTest> accepted() {
        return Row.of(ACCEPTED).stream()
                .map(row -> DynamicTest.dynamicTest(row.node + " of " + row.inputs, () -> {
                    List<Function> functions = GraphTextParser.parse(row.text());
                    Function f = functions.getLast();
                    assertEquals(
                            row.result,
                            f.nodes().getFirst().outputs().stream()
                                    .map(v -> v.type().toString())
                                    .toList());
                    assertEquals(functions, GraphTextParser.parse(GraphText.print(functions)));
                    assertEquals(
                            functions,
                            List.copyOf(FunctionCodec.decode(
                                            functions.stream()
                                                    .map(FunctionCodec::encode)
                                                    .toList(),
                                            Map.of())
                                    .values()));
                }))
                .toList();
    }

    @TestFactory
    List<DynamicTest> refused() {
        return Row.of(REFUSED).stream()
                .map(row -> DynamicTest.dynamicTest(row.node + " of " + row.inputs, () -> {
                    ShapeException refused =
                            assertThrows(ShapeException.class, () -> GraphTextParser.parse(row.text()));
                    String message = refused.getMessage();
                    assertTrue(
                            refused.subject().contains("node [" + row.node.split(" =")[0] + "] " + row.operator()),
                            message);
                    row.result.forEach(piece -> assertTrue(message.contains(piece), piece + " in " + message));
                }))
                .toList();
    }

    @Test
    void everyOperatorHasBothKindsOfRows() {
        var records = new HashMap<String, Class<?>>();
        OpArbitraries.byRecord()
                .forEach((record, ops) -> ops.sampleStream().limit(200).forEach(op -> records.put(op.name(), record)));
        for (String table : List.of(ACCEPTED, REFUSED)) {
            var missing = new HashSet<>(OpArbitraries.records(Op.class));
            Row.of(table).forEach(row -> missing.remove(records.get(row.operator())));
            if (table.equals(REFUSED)) {
                missing.remove(Elementwise.Cast.class); // takes everything
                missing.remove(Structure.Size.class); // takes nothing
            }
            assertEquals(Set.of(), missing);
        }
    }
}
