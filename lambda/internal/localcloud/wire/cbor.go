package wire

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// inCBOR is Smithy RPC v2 CBOR: POST /service/GraniteServiceVersion20100801/operation/GetMetricData.
var inCBOR = protocol{readCBOR, writeCBOR, refuseCBOR}

func readCBOR(_ *Model, r *http.Request, cl *kernel.Call) (map[string]any, *kernel.Error) {
	cl.Op = r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	if len(cl.Body) == 0 {
		return nil, nil
	}
	request, err := cbor.Decode(cl.Body)
	given, ok := fromCBOR(request).(map[string]any)
	if err != nil || !ok {
		return nil, kernel.Refuse("SerializationException", "the request is no CBOR map")
	}
	return given, nil
}

func writeCBOR(m *Model, _ *http.Request, cl *kernel.Call, result map[string]any) kernel.Answer {
	return cborAnswer(http.StatusOK, m.toCBOR(m.Shapes[m.Operations[cl.Op].Output], result))
}

func refuseCBOR(m *Model, _ *http.Request, _ *kernel.Call, failed *kernel.Error) kernel.Answer {
	return cborAnswer(failed.Status, m.toCBOR(nil, map[string]any{"__type": failed.Code, "message": failed.Message}))
}

func cborAnswer(status int, result cbor.Value) kernel.Answer {
	header := map[string]string{"Content-Type": "application/cbor", "Smithy-Protocol": "rpc-v2-cbor"}
	return kernel.Answer{Status: status, Header: header, Body: cbor.Encode(result)}
}

// fromCBOR gives texts, numbers as float64, times, lists and maps; anything else is nil.
func fromCBOR(v cbor.Value) any {
	switch v := v.(type) {
	case cbor.String:
		return string(v)
	case cbor.Bool:
		return bool(v)
	case cbor.Map:
		out := make(map[string]any, len(v))
		for name, value := range v {
			out[name] = fromCBOR(value)
		}
		return out
	case cbor.List:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = fromCBOR(value)
		}
		return out
	case *cbor.Tag:
		if at, err := cbor.AsTime(v); err == nil {
			return at
		}
		return nil
	default:
		if n, err := cbor.AsFloat64(v); err == nil {
			return n
		}
		if n, err := cbor.AsInt64(v); err == nil {
			return float64(n)
		}
		return nil
	}
}

// toCBOR takes texts, numbers, booleans, times, lists and maps. The shape, which may be nil, says which numbers are
// whole: clients take no other form for them.
func (m *Model) toCBOR(s *Shape, v any) cbor.Value {
	switch v := v.(type) {
	case string:
		return cbor.String(v)
	case bool:
		return cbor.Bool(v)
	case json.Number:
		return numberCBOR(s, v)
	case time.Time:
		return &cbor.Tag{ID: 1, Value: cbor.Float64(v.Unix())}
	case []any:
		out := make(cbor.List, len(v))
		for i, value := range v {
			out[i] = m.toCBOR(m.part(s, ""), value)
		}
		return out
	case map[string]any:
		out := make(cbor.Map, len(v))
		for name, value := range v {
			out[name] = m.toCBOR(m.part(s, name), value)
		}
		return out
	default:
		return &cbor.Nil{}
	}
}

// part is the shape of a member, or of what a list or a map is made of; nil: it is not known.
func (m *Model) part(s *Shape, name string) *Shape {
	if s == nil {
		return nil
	}
	switch s.Type {
	case "structure":
		return m.Shapes[s.Members[name].Shape]
	case "list":
		return m.Shapes[s.Member.Shape]
	default:
		return m.Shapes[s.Value.Shape]
	}
}

func numberCBOR(s *Shape, n json.Number) cbor.Value {
	if whole, err := n.Int64(); err == nil && s != nil && (s.Type == "integer" || s.Type == "long") {
		if whole < 0 {
			return cbor.NegInt(uint64(-whole))
		}
		return cbor.Uint(uint64(whole))
	}
	f, _ := n.Float64()
	return cbor.Float64(f)
}
