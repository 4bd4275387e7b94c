// Package localcloud may have large types,
// and has many files.
package localcloud

// Cloud has thirteen methods.
type Cloud struct{}

func (Cloud) a() {}
func (Cloud) b() {}
func (Cloud) c() {}
func (Cloud) d() {}
func (Cloud) e() {}
func (Cloud) f() {}
func (Cloud) g() {}
func (Cloud) h() {}
func (Cloud) i() {}
func (Cloud) j() {}
func (Cloud) k() {}
func (Cloud) l() {}
func (Cloud) m() {}
