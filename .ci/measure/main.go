// Command measure prints how large and how tangled the code is, with the goal beside each figure. It judges nothing: it
// fails only where it cannot read the code.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	verbose := flag.Bool("v", false, "list every place, not only the worst five")
	flag.Parse()
	m, err := measure(".")
	if err != nil {
		log.Fatal(err)
	}
	limit := worst
	if *verbose {
		limit = 0
	}
	fmt.Fprint(os.Stdout, m.render(limit))
}
