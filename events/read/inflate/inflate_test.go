package inflate_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"trailkeeper/events/read/inflate"
)

func packed(tb testing.TB, level int, text []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := z.Write(text); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// texts are of every kind: long and short matches near and far, runs, noise, all lengths of codes.
func texts() map[string][]byte {
	noise := rand.New(rand.NewPCG(1, 2))
	random := make([]byte, 200_000)
	for i := range random {
		random[i] = byte(noise.Uint32())
	}
	skewed := make([]byte, 200_000)
	for i := range skewed {
		skewed[i] = byte(noise.ExpFloat64() * 12)
	}
	lines := []byte{}
	for range 5_000 {
		lines = append(lines, `{"eventName":"DescribeInstances","eventID":"`...)
		lines = append(lines, random[noise.IntN(1000):][:noise.IntN(40)]...)
		lines = append(lines, lines[noise.IntN(len(lines)):]...)
		lines = lines[:min(len(lines), 500_000)]
	}
	return map[string][]byte{
		"empty": nil, "a": []byte("a"), "random": random, "skewed": skewed, "lines": lines,
		"run": bytes.Repeat([]byte("a"), 400_000), "pairs": bytes.Repeat([]byte("ab"), 200_000),
		"fives": bytes.Repeat([]byte("abcde"), 100_000), "far": bytes.Repeat(random[:32<<10], 4),
		"farther": bytes.Repeat(random[:32<<10+1], 3),
	}
}

// alike fails where the text, or that there is an error, is not as compress/gzip has it.
func alike(t *testing.T, r *inflate.Reader, file []byte, through func(io.Reader) io.Reader) {
	t.Helper()
	var want []byte
	z, wantErr := gzip.NewReader(bytes.NewReader(file))
	if wantErr == nil {
		want, wantErr = io.ReadAll(z)
	}
	var got []byte
	err := r.Reset(through(bytes.NewReader(file)))
	if err == nil {
		got, err = io.ReadAll(r)
	}
	// Where a file breaks off, compress/flate leaves a code that is shorter than the one which ends the block.
	left := 0
	if errors.Is(wantErr, io.ErrUnexpectedEOF) {
		left = 15 * 258
	}
	if !bytes.HasPrefix(got, want) || len(got)-len(want) > left {
		t.Fatalf("%d bytes, %v; want %d, %v", len(got), err, len(want), wantErr)
	}
	for _, kind := range []error{io.EOF, gzip.ErrHeader, gzip.ErrChecksum} {
		if errors.Is(err, kind) != errors.Is(wantErr, kind) {
			t.Fatalf("%v, want %v", err, wantErr)
		}
	}
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%v, want %v", err, wantErr)
	}
}

func whole(in io.Reader) io.Reader { return in }

// TestTexts: what is packed in any way is unpacked, however the file comes and whatever was read before.
func TestTexts(t *testing.T) {
	var r inflate.Reader
	for name, text := range texts() {
		for _, level := range []int{flate.NoCompression, flate.BestSpeed, 6, flate.BestCompression, flate.HuffmanOnly} {
			file := packed(t, level, text)
			for way, through := range map[string]func(io.Reader) io.Reader{
				"whole": whole, "halves": iotest.HalfReader, "with its end": iotest.DataErrReader,
			} {
				t.Run(strings.Join([]string{name, way}, " "), func(t *testing.T) { alike(t, &r, file, through) })
			}
			alike(t, &r, append(file, file...), whole)
		}
	}
}

// small are files of which every beginning is read.
func small(tb testing.TB) [][]byte {
	all := [][]byte{}
	for _, text := range []string{"", "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", strings.Repeat("some text of words ", 9)} {
		for _, level := range []int{0, 1, 9, flate.HuffmanOnly} {
			all = append(all, packed(tb, level, []byte(text)))
		}
	}
	noise := rand.New(rand.NewPCG(3, 4))
	text := make([]byte, 900)
	for i := range text {
		text[i] = byte('a' + noise.ExpFloat64()*3)
	}
	var named bytes.Buffer
	z := gzip.NewWriter(&named)
	z.Name, z.Comment, z.Extra = "name", "comment", []byte("extra")
	_, _ = z.Write(text)
	_ = z.Close()
	return append(all, packed(tb, 9, text), named.Bytes())
}

// TestBroken: what breaks off, goes on with something else, or has a wrong bit, gives what comes before that.
func TestBroken(t *testing.T) {
	var r inflate.Reader
	for _, file := range small(t) {
		for n := range file {
			alike(t, &r, file[:n], whole)
			alike(t, &r, append(bytes.Clone(file), file[:n]...), whole)
			for bit := range 8 {
				wrong := bytes.Clone(file)
				wrong[n] ^= 1 << bit
				alike(t, &r, wrong, whole)
			}
		}
		alike(t, &r, append(bytes.Clone(file), "no gzip"...), whole)
		alike(t, &r, append(bytes.Clone(file), make([]byte, 20)...), whole)
	}
}

// TestReader: the error of what gives the file is the reader's.
func TestReader(t *testing.T) {
	file := packed(t, 6, texts()["skewed"])
	var r inflate.Reader
	broken := errors.New("the line is dead")
	if err := r.Reset(io.MultiReader(bytes.NewReader(file[:len(file)/2]), iotest.ErrReader(broken))); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(&r)
	if !errors.Is(err, broken) || len(got) < 100_000 || !bytes.HasPrefix(texts()["skewed"], got) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := r.Reset(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Error(err)
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || !errors.Is(err, broken) {
		t.Errorf("%d, %v", n, err)
	}
}

// FuzzInflate: every file gives what it gives compress/gzip.
func FuzzInflate(f *testing.F) {
	for _, file := range small(f) {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var r inflate.Reader
		alike(t, &r, file, whole)
		alike(t, &r, file, iotest.OneByteReader)
	})
}

func BenchmarkInflate(b *testing.B) {
	text := texts()["lines"]
	file := packed(b, 6, text)
	var r inflate.Reader
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if err := r.Reset(bytes.NewReader(file)); err != nil {
			b.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, &r); err != nil || n != int64(len(text)) {
			b.Fatal(n, err)
		}
	}
}
