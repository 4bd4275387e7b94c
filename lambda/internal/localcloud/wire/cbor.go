package wire

import (
	"net/http"
	"strings"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// CBOR is Smithy RPC v2 CBOR: POST /service/GraniteServiceVersion20100801/operation/GetMetricData.
var CBOR = Protocol{Decode: decodeCBOR, Encode: encodeCBOR}

func decodeCBOR(r *http.Request, cl *kernel.Call) *kernel.Error {
	cl.Op = r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	request, err := cbor.Decode(cl.Body)
	params, ok := fromCBOR(request).(map[string]any)
	if err != nil || !ok {
		return kernel.Refuse("SerializationException", "the request is no CBOR map")
	}
	cl.Params = params
	return nil
}

func encodeCBOR(_ *http.Request, _ *kernel.Call, result any, failed *kernel.Error) kernel.Answer {
	header := map[string]string{"Content-Type": "application/cbor", "Smithy-Protocol": "rpc-v2-cbor"}
	a := kernel.Answer{Status: http.StatusOK, Header: header}
	switch {
	case failed != nil:
		a.Status, result = failed.Status, map[string]any{"__type": failed.Code, "message": failed.Message}
	case result == nil:
		result = map[string]any{}
	}
	a.Body = cbor.Encode(toCBOR(result))
	return a
}

// fromCBOR gives texts, numbers as float64, times, lists and maps; anything else is nil.
func fromCBOR(v cbor.Value) any {
	switch v := v.(type) {
	case cbor.String:
		return string(v)
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

// toCBOR takes texts, float64, times, lists and maps.
func toCBOR(v any) cbor.Value {
	switch v := v.(type) {
	case string:
		return cbor.String(v)
	case float64:
		return cbor.Float64(v)
	case time.Time:
		return &cbor.Tag{ID: 1, Value: cbor.Float64(v.Unix())}
	case []any:
		out := make(cbor.List, len(v))
		for i, value := range v {
			out[i] = toCBOR(value)
		}
		return out
	case map[string]any:
		out := make(cbor.Map, len(v))
		for name, value := range v {
			out[name] = toCBOR(value)
		}
		return out
	default:
		return &cbor.Nil{}
	}
}
