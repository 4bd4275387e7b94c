// Package kinds offers every kind of change, and what must not be changed.
package kinds

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
)

type point struct {
	X, Y int
	Name string
	Next *point
}

// MaxDepth is a bound.
const MaxDepth = 8

const mode = 0o644 // flags have no neighbours

const flag = 1 << 4

var names = []string{"first", "second"}

var byName = map[string]int{
	"first":  1, // the comment goes with it
	"second": 2,
}

var origin = point{X: 3, Y: 0, Name: "origin"}

var list = []*point{{X: 1}, {Y: 2, Next: &origin}}

func conditions(a, b int, ready bool) bool {
	if a == b && ready || a < MaxDepth {
		return true
	}
	for a <= 10 {
		a++
	}
	for i := 0; i < b; i++ {
		if i == 2 {
			continue
		}
		switch {
		case !ready:
			break // of the switch: as if it were not there
		case i > a:
			return strings.EqualFold(names[0], names[1]) // no order
		}
	}
	for {
		if f := a - b; f > 0 {
			break
		}
		a = b
	}
	return len(names[1:]) == 1 && byName["first"] != 1
}

func statements(log *slog.Logger, mu *sync.Mutex, p *point, path string) (err error) {
	mu.Lock()
	defer mu.Unlock()
	log.Info("moved", "x", p.X+1, "near", p.X < 3)
	if p.X > 5 {
		log.Warn("far", "x", p.X)
	}
	if err := os.Chmod(path, mode|flag); err != nil {
		log.Warn("chmod", "error", err)
	}
	if name := os.Getenv("NAME"); name != "" {
		p.Name = name
	}
	p.X += 2
	p.X, p.Y = p.Y, p.X
	_ = p.Next
	delete(byName, p.Name)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	p.Name = strings.Replace(p.Name, "a", "b", 1)
	names = append(names, strings.Fields(path)...)
	defer func() { err = errors.Join(err, os.Remove(path)) }()
	return nil
}

func pair(a, b string, n int) (string, error) {
	if n > max(len(a), len(b)) {
		return "", errors.New("too long")
	}
	return pair(a, b, n+1)
}
