"""certificates: an authority of the demo's own and one identity for each host and centre."""
import subprocess


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True, text=True)


def make(directory):
    """ca.pem and NAME.pem, NAME.key for mast1, xa, xb in directory."""
    ca, key = directory / "ca.pem", directory / "ca.key"
    openssl("req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2", "-subj", "/CN=vedette demo authority",
            "-keyout", str(key), "-out", str(ca))
    for name, kind in (("mast1", "host"), ("xa", "centre"), ("xb", "centre")):
        ext = directory / f"{name}.ext"
        ext.write_text(f"subjectAltName=URI:vedette:{kind}/{name}\n")
        openssl("req", "-newkey", "ed25519", "-nodes", "-subj", f"/CN={name}", "-keyout", str(directory / f"{name}.key"),
                "-out", str(directory / f"{name}.csr"))
        openssl("x509", "-req", "-in", str(directory / f"{name}.csr"), "-CA", str(ca), "-CAkey", str(key),
                "-CAcreateserial", "-days", "2", "-extfile", str(ext), "-out", str(directory / f"{name}.pem"))
