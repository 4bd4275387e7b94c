package main

import (
	"fmt"
	"go/types"
	"strings"
)

// loopback is the package whose types may have a method for each call of a service.
const loopback = "/localcloud"

// methodCounts counts the methods of each type, those that embedding other types of ours adds included.
func methodCounts(packages []checked) []place {
	var all []place
	eachType(packages, func(pkg *types.Package, t *types.Named) {
		if types.IsInterface(t) || strings.Contains(pkg.Path()+"/", loopback+"/") {
			return
		}
		own := t.NumMethods()
		name := short(pkg.Path()) + "." + t.Obj().Name()
		embedded := 0
		set := types.NewMethodSet(types.NewPointer(t))
		for i := range set.Len() {
			if s := set.At(i); len(s.Index()) > 1 && ours(s.Obj().Pkg()) {
				embedded++
			}
		}
		if embedded > 0 {
			name += fmt.Sprintf(" (%d of its own, %d by embedding)", own, embedded)
		}
		if own+embedded > 0 {
			all = append(all, place{own + embedded, name})
		}
	})
	return all
}

// interfaceSizes counts the methods of each interface.
func interfaceSizes(packages []checked) []place {
	var all []place
	eachType(packages, func(pkg *types.Package, t *types.Named) {
		if i, ok := t.Underlying().(*types.Interface); ok {
			all = append(all, place{i.NumMethods(), short(pkg.Path()) + "." + t.Obj().Name()})
		}
	})
	return all
}

func eachType(packages []checked, visit func(*types.Package, *types.Named)) {
	for _, p := range packages {
		if p.external {
			continue
		}
		scope := p.types.Scope()
		for _, name := range scope.Names() {
			o, ok := scope.Lookup(name).(*types.TypeName)
			if !ok || o.IsAlias() || isTest(p, o) {
				continue
			}
			if t, ok := o.Type().(*types.Named); ok {
				visit(p.types, t)
			}
		}
	}
}

// isTest says whether an object is declared in a test, whose names are for the go command.
func isTest(p checked, o types.Object) bool {
	return strings.HasSuffix(p.set.Files.Position(o.Pos()).Filename, "_test.go")
}

func ours(pkg *types.Package) bool {
	return pkg != nil && strings.HasPrefix(pkg.Path()+"/", modulePath+"/")
}

// modulePath is the module's.
const modulePath = "trailkeeper"

func short(path string) string { return strings.TrimPrefix(path, modulePath+"/") }
