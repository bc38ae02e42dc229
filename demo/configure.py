"""configure: writes what an operator would write, for one mast and two centres, into the demo's directory."""
import shutil

FEEDS = ("radar1", "radar2", "ais1", "camera1")


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def tls(certs, name):
    return f"[TLS]\nCA={certs}/ca.pem\nCertificate={certs}/{name}.pem\nKey={certs}/{name}.key\n"


def feeds(root, scene, net):
    """The scene's feed files; a drop-in moves them to this demo's addresses."""
    shutil.copytree(scene / "feeds", root / "mast/feeds")
    for feed in FEEDS:
        source = f"{net.addresses[feed]}/32"
        if feed == "camera1":
            text = f"[Feed]\nSource=\nSource={source}\n[Camera]\nUrl=rtp://{net.listen[feed]}\n"
        else:
            text = f"[Feed]\nListen={net.listen[feed]}\nSource=\nSource={source}\n"
        write(root / f"mast/feeds/{feed}.conf.d/50-demo.conf", text)


def mast(root, net):
    write(root / "mast/uplink.conf", f"""[Uplink]
Origin=mast1
Listen=ipc://{root}/run/uplink.sock
Centre=tls+tcp://{net.centre}:6710
CentreIdentity=vedette:centre/xa
FilterStatus={root}/run/filter
Metrics={root}/run/metrics/vedette.prom
StateDirectory={root}/state/uplink
{tls(root / 'certs', 'mast1')}""")


def centre(root, net, scene, build, ports):
    certs = root / "certs"
    write(root / "xa/fusion.conf", f"""[Fusion]
Origin=xa
Listen=tls+tcp://{net.centre}:6710
Hosts=vedette:host/mast1
TrackListen=ipc://{root}/run/fusion.sock
Latitude=54.57 deg
Longitude=11.25 deg
StateDirectory={root}/state/fusion
{tls(certs, 'xa')}""")
    hub(root, scene, build, "xa", "Centre South", ports[0], peer_port(ports[0]), f"Fusion=ipc://{root}/run/fusion.sock\n")
    hub(root, scene, build, "xb", "Centre North", ports[1], peer_port(ports[1]), "")
    write(root / "xa/peers/xb.conf", "[Peer]\nOrigin=xb\nName=Centre North\nClass=ncc\nIdentity=vedette:centre/xb\n")
    write(root / "xb/peers/xa.conf", "[Peer]\nOrigin=xa\nName=Centre South\nClass=ncc\n"
          f"Identity=vedette:centre/xa\nDial=tls+tcp://127.0.0.1:{peer_port(ports[0])}\n")


def peer_port(http_port):
    """Neighbours meet beside the picture's port, so that two demos do not meet each other."""
    return http_port + 1000


def hub(root, scene, build, origin, name, port, peer_port, extra):
    (root / origin / "peers").mkdir(parents=True)
    shutil.copy(scene / f"policy-{origin}.conf", root / origin / "policy.conf")
    write(root / origin / "hub.conf", f"""[Hub]
Origin={origin}
Name={name}
{extra}Http=127.0.0.1:{port}
PeerListen=tls+tcp://127.0.0.1:{peer_port}
Web={build}/hub/web/dist
Sections={scene}/sections.geojson
Policy={root}/{origin}/policy.conf
Peers={root}/{origin}/peers
StateDirectory={root}/state/hub-{origin}
HomeLatitude=54.56 deg
HomeLongitude=11.25 deg
HomeZoom=10
{tls(root / 'certs', origin)}""")
