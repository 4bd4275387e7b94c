// Command mutate measures which share of small changes to a package its own tests notice: it makes one change at a time
// (mutant.go lists the kinds), compiles the tests with it, and runs them. A change under which all pass has survived.
//
// It does not edit the checkout (it uses `go test -overlay`), and leaves out changes that do not compile, generated
// files, lines that only log, and locks, which only the race detector could miss. It does not know which changes have
// no effect: what survives is read by a human.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
)

func main() {
	log.SetFlags(0)
	o := options{dir: ".", progress: os.Stderr}
	flag.IntVar(&o.max, "n", 200, "how many changes to try; 0 for all")
	flag.Uint64Var(&o.seed, "seed", 1, "chooses which changes are tried when there are more")
	flag.IntVar(&o.parallel, "parallel", 2, "how many changes are tried side by side")
	tests := flag.String("tests", "", "further packages whose tests judge, separated by commas")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: mutate [-n 200] [-seed 1] [-parallel 2] [-tests pkg1,pkg2] ./package")
	}
	o.pkg = flag.Arg(0)
	o.tests = strings.FieldsFunc(*tests, func(r rune) bool { return r == ',' })
	r, err := mutate(o)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(r)
}
