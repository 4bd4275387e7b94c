package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"trailkeeper/.ci/source"
)

type options struct {
	dir      string // from where pkg and tests are seen
	pkg      string
	tests    []string
	max      int
	seed     uint64
	parallel int
	progress io.Writer
}

// result is a change and what became of it.
type result struct {
	mutant
	verdict verdict
}

// mutate tries changes of a package.
func mutate(o options) (*report, error) {
	c, err := load(o.dir, o.pkg)
	if err != nil {
		return nil, err
	}
	at, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(at)
	suites, err := suitesOf(c.pkg, o)
	if err != nil {
		return nil, err
	}
	for i := range suites {
		if err := measure(&suites[i], at); err != nil {
			return nil, err
		}
	}
	chosen := c.choose(o.max, o.seed)
	fmt.Fprintf(o.progress, "%s: trying %d of %d changes, each for at most %.1f s\n",
		c.pkg.ImportPath, len(chosen), len(c.all), suites[0].limit.Seconds())
	results, err := each(chosen, o, at, func(m mutant, at string) (verdict, error) {
		return judge(suites, m, c.src[m.file], at)
	})
	if err != nil {
		return nil, err
	}
	root, err := filepath.Abs(o.dir)
	if err != nil {
		return nil, err
	}
	return newReport(c, root, o.seed, results), nil
}

// suitesOf puts the package's own tests first.
func suitesOf(pkg source.Package, o options) ([]suite, error) {
	suites := []suite{{path: pkg.ImportPath, dir: pkg.Dir}}
	if len(o.tests) == 0 {
		return suites, nil
	}
	more, err := source.List(o.dir, false, o.tests...)
	if err != nil {
		return nil, err
	}
	for _, p := range more.Packages {
		suites = append(suites, suite{path: p.ImportPath, dir: p.Dir})
	}
	return suites, nil
}

// each judges the changes, several side by side, and ends with the first error.
func each(chosen []mutant, o options, at string, judge func(mutant, string) (verdict, error)) ([]result, error) {
	var (
		mu      sync.Mutex
		wg      sync.WaitGroup
		results []result
		failure error
	)
	queue := make(chan mutant)
	for range max(1, o.parallel) {
		own, err := os.MkdirTemp(at, "")
		if err != nil {
			return nil, err
		}
		wg.Go(func() {
			for m := range queue {
				v, err := judge(m, own)
				mu.Lock()
				if failure == nil {
					failure = err
				}
				results = append(results, result{m, v})
				if n := len(results); n%25 == 0 {
					fmt.Fprintf(o.progress, "%d of %d\n", n, len(chosen))
				}
				mu.Unlock()
			}
		})
	}
	for _, m := range chosen {
		mu.Lock()
		failed := failure != nil
		mu.Unlock()
		if failed {
			break
		}
		queue <- m
	}
	close(queue)
	wg.Wait()
	slices.SortFunc(results, func(a, b result) int {
		return cmp.Or(
			cmp.Compare(a.file, b.file),
			cmp.Compare(a.edits[0].start, b.edits[0].start),
			cmp.Compare(a.kind, b.kind),
			cmp.Compare(a.after, b.after),
		)
	})
	return results, failure
}
