package zenlayercloud

import (
	"net/url"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// Keys are the credentials that the simulator accepts from the start. An access key has no
// session token on this cloud: what is temporary is an access token, which stands alone.
func Keys() simulator.Keys {
	keys := simulator.KeyForm{Cloud: Name, Describe: []string{"vm:Describe*", "zec:Describe*"}}.Keys()
	keys.Temporary = simulator.Credential{Token: keys.Temporary.Token}
	keys.Expired = simulator.Credential{Token: keys.Expired.Token, Expired: true}
	keys.Disabled = simulator.Credential{
		AccessKeyID: "simulator-disabled", Secret: "not-a-secret-zenlayercloud-disabled", Expired: true,
	}
	return keys
}

// DemoFleet implements simulator.Wire.
func (w *Wire) DemoFleet() []simulator.Instance {
	zec := map[string]string{ServiceKey: ZEC}
	return []simulator.Instance{
		{ID: "vm-demo-web-1", Name: "web-1", PublicIP: "203.0.113.31", Tags: map[string]string{"role": "web"}},
		{ID: "vm-demo-web-2", Name: "web-2", PublicIP: "203.0.113.32", Tags: map[string]string{"role": "web"}},
		{ID: "vm-demo-batch", Name: "batch", Status: stopped, Tags: map[string]string{"role": "batch"}},
		{ID: "vm-demo-prepaid", Name: "database", ChargeType: prePaid, Tags: map[string]string{"role": "database"}},
		{ID: "vm-demo-recycled", Name: "in-the-recycle-bin", Status: recycle, Recycled: true},
		{ID: "vm-demo-failed", Name: "never-created", Status: "CREATE_FAILED"},
		{ID: "vm-demo-hongkong", Name: "hongkong", Zone: "HKG-A"},
		{
			ID: "zec-demo-web-1", Name: "zec-web-1", Extra: zec, PublicIP: "203.0.113.33",
			Tags: map[string]string{"role": "web"},
		},
		{
			ID: "zec-demo-web-2", Name: "zec-web-2", Extra: zec, PublicIP: "203.0.113.34",
			Tags: map[string]string{"role": "web"},
		},
		{ID: "zec-demo-batch", Name: "zec-batch", Extra: zec, Status: stopped, Tags: map[string]string{"role": "batch"}},
		{ID: "zec-demo-imaging", Name: "zec-imaging", Extra: zec, Status: imaging},
	}
}

// Environment implements simulator.Wire. The names are those of the vendor's
// Terraform provider.
func (w *Wire) Environment(baseURL string) []string {
	scheme, host := "HTTP", strings.TrimPrefix(baseURL, "http://")
	if u, err := url.Parse(baseURL); err == nil && u.Host != "" {
		scheme, host = strings.ToUpper(u.Scheme), u.Host
	}
	key := Keys().Lasting
	return []string{
		"ZENLAYERCLOUD_ACCESS_KEY_ID=" + key.AccessKeyID,
		"ZENLAYERCLOUD_ACCESS_KEY_PASSWORD=" + key.Secret,
		"ZENLAYERCLOUD_DOMAIN=" + host,
		"ZENLAYERCLOUD_SCHEME=" + scheme,
	}
}
