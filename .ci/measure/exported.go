package main

import "go/types"

// unused are the exported names of packages, methods and fields aside, that no other package uses or is handed. A
// package's own tests are part of it, those of other packages are not.
func unused(m *module) []place {
	seen := reach{}
	for _, p := range m.packages {
		for _, o := range p.info.Uses {
			if o.Pkg() != nil && o.Pkg().Path() != p.path && ours(o.Pkg()) && o.Parent() == o.Pkg().Scope() {
				seen.object(o)
			}
		}
	}
	var all []place
	for _, p := range m.packages {
		if p.external || p.types.Name() == "main" {
			continue
		}
		scope := p.types.Scope()
		for _, name := range scope.Names() {
			if o := scope.Lookup(name); o.Exported() && !isTest(p, o) && !seen[key(o)] {
				all = append(all, place{0, short(p.path) + "." + name})
			}
		}
	}
	return all
}

// reach holds the names that other packages use, and the types that these hand them.
type reach map[string]bool

func key(o types.Object) string { return o.Pkg().Path() + "." + o.Name() }

func (r reach) object(o types.Object) {
	if r[key(o)] {
		return
	}
	r[key(o)] = true
	r.visit(o.Type())
}

// visit marks the named types of ours in a type.
func (r reach) visit(t types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		r.visit(types.Unalias(t))
	case *types.Named:
		r.named(t)
	case *types.Signature:
		r.tuple(t.Params())
		r.tuple(t.Results())
	case *types.Struct:
		for f := range t.Fields() {
			if f.Exported() {
				r.visit(f.Type())
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			r.visit(m.Type())
		}
	case *types.Map:
		r.visit(t.Key())
		r.visit(t.Elem())
	case interface{ Elem() types.Type }:
		r.visit(t.Elem())
	}
}

func (r reach) named(t *types.Named) {
	for arg := range t.TypeArgs().Types() {
		r.visit(arg)
	}
	o := t.Obj()
	if !ours(o.Pkg()) || r["type "+key(o)] {
		return
	}
	r[key(o)], r["type "+key(o)] = true, true
	r.visit(t.Underlying())
	for m := range t.Methods() {
		if m.Exported() {
			r.visit(m.Type())
		}
	}
}

func (r reach) tuple(t *types.Tuple) {
	for v := range t.Variables() {
		r.visit(v.Type())
	}
}
